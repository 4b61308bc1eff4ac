"""What was said in a stream, as it is shown."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.live.models import LiveMessage
from mixillo.blueprints.live.queries import sight
from mixillo.blueprints.users.queries import people
from mixillo.core import clock
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer

Document = dict[str, Any]
NEWEST = [("createdAt", -1), ("_id", -1)]
GONE: Document = {"username": "", "fullName": "", "avatar": None, "isVerified": False}


def speakers(user_ids: list[ObjectId]) -> dict[ObjectId, Document]:
    """Return the short forms of people, by id; of somebody whose account is closed an empty one."""
    found = people.summaries(list(set(user_ids)))
    return {each: found.get(each) or GONE | {"_id": each} for each in user_ids}


def line(message: Document, speaker: Document, role: str) -> Document:
    """Return a stored line as it is shown."""
    return {
        "_id": message["_id"],
        "text": message["text"],
        "user": speaker,
        "role": role,
        "clientId": message.get("clientId"),
        "timestamp": clock.timestamp(message["createdAt"]),
    }


def of_stream(stream: Document, viewer: Viewer | None, query: Document) -> tuple[list[Document], Document]:
    """Return a page of what was said in a stored stream, the latest first, without what was removed."""
    found, pagination = paginate(
        LiveMessage.collection(), {"livestreamId": stream["_id"], "deletedAt": None}, query, sort=NEWEST
    )
    return _lines(found, stream), pagination


def shown(stream_id: ObjectId, message_id: ObjectId) -> Document | None:
    """Return a line as it is shown; nothing where it is not there any more."""
    where = {"_id": message_id, "livestreamId": stream_id, "deletedAt": None}
    found = LiveMessage.collection().find_one(where)
    return _lines([found], sight.stored(stream_id))[0] if found else None


def _lines(messages: list[Document], stream: Document) -> list[Document]:
    who = speakers([message["userId"] for message in messages])
    return [line(each, who[each["userId"]], _role(stream, each["userId"])) for each in messages]


def _role(stream: Document, user_id: ObjectId) -> str:
    if user_id == stream["hostId"]:
        return sight.HOST
    return sight.MODERATOR if user_id in (stream.get("moderators") or []) else sight.VIEWER
