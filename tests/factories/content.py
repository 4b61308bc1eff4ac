"""Posts."""

from datetime import timedelta
from itertools import count
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.content.models import ACTIVE, PUBLIC, Content
from mixillo.core import clock

_numbers = count(1)
Document = dict[str, Any]


def make_post(db: Database, author: Document, **fields: Any) -> Document:
    """Store a published post of ``author`` and return the document; ``fields`` are stored as given.

    Each is some milliseconds later than the one before, so that the latest is the last.
    """
    number = next(_numbers)
    published = fields.pop("publishedAt", clock.now() - timedelta(hours=1) + timedelta(milliseconds=number))
    made = Content(id=ObjectId(), userId=author["_id"], caption=f"Post {number}", status=ACTIVE)
    document = made.to_mongo().to_dict()
    visibility = fields.get("visibility", PUBLIC)
    document |= {
        "videoUrl": "https://cdn.example.com/a.mp4", "publishedAt": published, "createdAt": published,
        "isPrivate": visibility != PUBLIC,
    } | fields  # fmt: skip
    db["contents"].insert_one(document)
    return document
