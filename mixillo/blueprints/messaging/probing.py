"""What the probe's people have written, and how it goes with them."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.messaging.models import GROUP, Conversation, Message, Standing
from mixillo.core import clock
from mixillo.ops.probes import accounts

WRITTEN, GROUPS = 3, 2


def connect() -> None:
    """Let the probe's users have written something from now on, and clear up after them."""
    accounts.provisioned.connect(_write)
    accounts.removing.connect(_remove)


def _write(_sender: Any, *, user_id: ObjectId) -> None:
    """Give a user groups of their own, with something in them to be read and taken back."""
    now = clock.now()
    for _ in range(GROUPS):
        group = Conversation(
            id=ObjectId(), type=GROUP, groupName="For probing", participants=[user_id], adminId=user_id,
            participantStatus=[Standing(userId=user_id, lastSentAt=now)], messagesCount=WRITTEN,
            createdAt=now, updatedAt=now,
        )  # fmt: skip
        said = [
            Message(conversationId=group.id, senderId=user_id, text="Hello", createdAt=now - timedelta(seconds=number))
            for number in range(WRITTEN)
        ]
        Conversation.collection().insert_one(group.to_mongo().to_dict())
        Message.collection().insert_many([message.to_mongo().to_dict() for message in said])


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove the conversations that they are in, or were, with all that was said there: nobody else writes to them."""
    talks = database[Conversation.collection().name]
    theirs = {"participantStatus.userId": {"$in": user_ids}}
    found = [talk["_id"] for talk in talks.find(theirs, {"_id": 1})]
    accounts.remove_referring(database, talks.name, found)
    talks.delete_many({"_id": {"$in": found}})
