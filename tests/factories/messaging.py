"""Conversations and messages."""

from datetime import timedelta
from itertools import count
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.messaging.models import GROUP, PRIVATE, Conversation, Message, Standing
from mixillo.blueprints.messaging.queries import talks
from mixillo.core import clock

_numbers = count(1)
Document = dict[str, Any]


def make_talk(db: Database, *people: Document, **fields: Any) -> Document:
    """Store a conversation of two, or a group of more, who have all written there; return the document.

    Each is some milliseconds later than the one before.
    """
    ids = [person["_id"] for person in people]
    at = clock.now() - timedelta(hours=1) + timedelta(milliseconds=next(_numbers))
    is_pair = len(ids) == 2
    made = Conversation(
        id=talks.pair_id(*ids) if is_pair else ObjectId(), type=PRIVATE if is_pair else GROUP, participants=ids,
        participantStatus=[Standing(userId=each, lastSentAt=at, joinedAt=at) for each in ids], createdAt=at,
        updatedAt=at,
    )  # fmt: skip
    named = {} if is_pair else {"groupName": "Potters", "adminId": ids[0]}
    document: Document = made.to_mongo().to_dict() | named | fields
    db["conversations"].insert_one(document)
    return document


def make_message(db: Database, talk: Document, sender: Document, text: str = "Hello", **fields: Any) -> Document:
    """Store a message behind all others of ``talk``, counters included, and return the document."""
    stored = db["conversations"].find_one({"_id": talk["_id"]})
    at = stored["updatedAt"] + timedelta(milliseconds=1)
    made = Message(id=ObjectId(), conversationId=talk["_id"], senderId=sender["_id"], text=text, createdAt=at)
    document: Document = made.to_mongo().to_dict() | fields
    db["messages"].insert_one(document)
    db["conversations"].update_one(
        {"_id": talk["_id"]},
        {
            "$set": {"updatedAt": at},
            "$inc": {"messagesCount": 1, "participantStatus.$[others].unreadCount": 1},
        },
        array_filters=[{"others.userId": {"$ne": sender["_id"]}}],
    )
    return document
