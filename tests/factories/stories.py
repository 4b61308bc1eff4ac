"""Stories."""

from datetime import timedelta
from itertools import count
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.stories.models import PUBLIC, Story
from mixillo.core import clock

_numbers = count(1)
Document = dict[str, Any]


def make_story(db: Database, author: Document, **fields: Any) -> Document:
    """Store a story of ``author`` that lasts, and return the document; ``fields`` are stored as given.

    Each is some milliseconds later than the one before, so that the latest is the last.
    """
    at = clock.now() - timedelta(hours=1) + timedelta(milliseconds=next(_numbers))
    made = Story(id=ObjectId(), userId=author["_id"], type="image", mediaUrl="https://cdn.example.com/a.jpg")
    document = made.to_mongo().to_dict() | {"createdAt": at, "expiresAt": at + timedelta(hours=24)}
    document |= {"isPrivate": fields.get("visibility", PUBLIC) != PUBLIC} | fields
    db["stories"].insert_one(document)
    return document
