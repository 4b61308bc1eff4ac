"""Live streams."""

from datetime import timedelta
from itertools import count
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.live.models import LIVE, ON_AIR, Livestream
from mixillo.core import clock

_numbers = count(1)
Document = dict[str, Any]


def make_stream(db: Database, host: Document, **fields: Any) -> Document:
    """Store a stream of ``host``, on the air, and return the document; ``fields`` are stored as given.

    Each is some milliseconds later than the one before, so that the latest is the last.
    """
    now = clock.now()
    at = now - timedelta(hours=1) + timedelta(milliseconds=next(_numbers))
    stream_id = ObjectId()
    made = Livestream(
        id=stream_id, hostId=host["_id"], title="Opening the kiln", provider="webrtc", status=LIVE, createdAt=at,
        streamId=f"stream_{stream_id}", statusAt=now, aliveAt=now,
    )  # fmt: skip
    document: Document = made.to_mongo().to_dict() | fields
    if document["status"] in ON_AIR:
        document.setdefault("startedAt", at)
    db["livestreams"].insert_one(document)
    return document


def stored(db: Database, stream: Document) -> Document:
    """Return a stream as it is stored now."""
    found: Document | None = db["livestreams"].find_one({"_id": stream["_id"]})
    assert found
    return found
