"""What the probe's people have posted, and how it goes with them."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.content.models import ACTIVE, DRAFT, PUBLIC, Content, Like, Save
from mixillo.core import clock
from mixillo.core.db import database
from mixillo.ops.probes import accounts

VIDEO = "https://media.mixillo.example/probe.mp4"
LATER = timedelta(days=30)


def connect() -> None:
    """Let the probe's users have posted something from now on, and clear up after them."""
    accounts.provisioned.connect(_post)
    accounts.removing.connect(_remove)


def _post(_sender: Any, *, user_id: ObjectId) -> None:
    """Give a user posts to be found: published, waiting for its time, liked and saved by themselves."""
    if database()["users"].find_one({"_id": user_id, "role": "user"}, {"_id": 1}) is None:
        return
    now = clock.now()
    fields = {"userId": user_id, "caption": "For probing", "videoUrl": VIDEO, "hashtags": ["mixilloprobe"]}
    published = [
        Content(id=ObjectId(), status=ACTIVE, publishedAt=now, visibility=PUBLIC, likesCount=1, savesCount=1, **fields)
        for _ in range(2)
    ]
    waiting = [Content(id=ObjectId(), status=DRAFT, scheduledFor=now + LATER, **fields) for _ in range(2)]
    Content.collection().insert_many([post.to_mongo().to_dict() for post in (*published, *waiting)])
    for mark in (Like, Save):
        rows = [mark(id=ObjectId(), userId=user_id, contentId=post.id) for post in published]
        mark.collection().insert_many([row.to_mongo().to_dict() for row in rows])


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove what they posted with what hangs on it, and the feeds that were ranked for them."""
    theirs = {"userId": {"$in": user_ids}}
    posts = [post["_id"] for post in database[Content.collection().name].find(theirs, {"_id": 1})]
    accounts.remove_referring(database, Content.collection().name, posts)
    database[Content.collection().name].delete_many(theirs)
    ops["feeds"].delete_many(theirs)
