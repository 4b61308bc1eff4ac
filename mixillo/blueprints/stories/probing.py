"""What the probe's people show, and how it goes with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.stories.models import IMAGE, PRIVATE, CloseFriend, Highlight, Story, StoryView
from mixillo.blueprints.stories.services.sharing import LIFETIME
from mixillo.core import clock
from mixillo.core.db import database
from mixillo.ops.probes import accounts

PICTURE = "https://media.mixillo.example/probe.jpg"


def connect() -> None:
    """Let the probe's users show something from now on, and clear up after them."""
    accounts.provisioned.connect(_show)
    accounts.removing.connect(_remove)


def _show(_sender: Any, *, user_id: ObjectId) -> None:
    """Let a user show something to be found, seen and deleted, which is nobody else's business."""
    now = clock.now()
    fields = {"userId": user_id, "type": IMAGE, "mediaUrl": PICTURE, "visibility": PRIVATE, "isPrivate": True}
    made = [Story(id=ObjectId(), createdAt=now, expiresAt=now + LIFETIME, **fields) for _ in range(3)]
    database()[Story.collection().name].insert_many([story.to_mongo().to_dict() for story in made])
    _meet(user_id)


def _meet(user_id: ObjectId) -> None:
    """Let two users of the probe be each other's close friends, and see what the other shows."""
    CloseFriend.ensure_collection()
    StoryView.ensure_collection()
    others = {"username": {"$regex": accounts.NAME.pattern}, "_id": {"$ne": user_id}}
    for other in database()["users"].find(others, {"_id": 1}, sort=[("_id", -1)], limit=1):
        for one, friend in ((user_id, other["_id"]), (other["_id"], user_id)):
            pair = {"userId": one, "friendId": friend}
            CloseFriend.collection().update_one(pair, {"$setOnInsert": {"createdAt": clock.now()}}, upsert=True)
            _see(one, friend)


def _see(viewer_id: ObjectId, author_id: ObjectId) -> None:
    for story in Story.collection().find({"userId": author_id}, {"expiresAt": 1}):
        row = StoryView(id=ObjectId(), userId=viewer_id, storyId=story["_id"], expiresAt=story["expiresAt"])
        StoryView.collection().insert_one(row.to_mongo().to_dict())
        Story.collection().update_one({"_id": story["_id"]}, {"$inc": {"viewsCount": 1}})


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove what they show with who has seen it, and what they have seen, counted no more."""
    stories, views = database[Story.collection().name], database[StoryView.collection().name]
    for view in views.find({"userId": {"$in": user_ids}}):
        stories.update_one({"_id": view["storyId"]}, {"$inc": {"viewsCount": -1}})
    shown = [story["_id"] for story in stories.find({"userId": {"$in": user_ids}}, {"_id": 1})]
    views.delete_many({"$or": [{"userId": {"$in": user_ids}}, {"storyId": {"$in": shown}}]})
    stories.delete_many({"_id": {"$in": shown}})
    database[Highlight.collection().name].delete_many({"userId": {"$in": user_ids}})
    friends = database[CloseFriend.collection().name]
    friends.delete_many({"$or": [{"userId": {"$in": user_ids}}, {"friendId": {"$in": user_ids}}]})
