"""Streams of the probe's own accounts, and how they go with them."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.live import events
from mixillo.blueprints.live.models import (
    LIVE,
    SCHEDULED,
    WEBRTC,
    LiveMessage,
    LiveParticipant,
    Livestream,
    ShoppingSession,
)
from mixillo.blueprints.live.talking import STREAM
from mixillo.core import clock
from mixillo.core.db import database
from mixillo.core.realtime import room_log
from mixillo.ops.probes import accounts, sockets


def connect() -> None:
    """Let the probe's users have streams from now on, and clear up after them."""
    accounts.provisioned.connect(_announce)
    accounts.removing.connect(_remove)
    sockets.declare(STREAM)


def _announce(_sender: Any, *, user_id: ObjectId) -> None:
    """Let a user be on the air, and have announced something."""
    now = clock.now()
    announced = [{"status": SCHEDULED, "scheduledFor": now + timedelta(days=n), "isPrivate": True} for n in (1, 2)]
    made = []
    for fields in ({"status": LIVE, "startedAt": now}, *announced):
        stream_id = ObjectId()
        stream = Livestream(
            id=stream_id, hostId=user_id, title="A probe", provider=WEBRTC, streamId=f"stream_{stream_id}",
            statusAt=now, createdAt=now, **fields,
        )  # fmt: skip
        made.append(stream.to_mongo().to_dict())
    database()[Livestream.collection().name].insert_many(made)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove their streams with what was said in them, and what they did in those of others."""
    streams = database[Livestream.collection().name]
    theirs = [stream["_id"] for stream in streams.find({"hostId": {"$in": user_ids}}, {"_id": 1})]
    mine_or_there = {"$or": [{"userId": {"$in": user_ids}}, {"livestreamId": {"$in": theirs}}]}
    for model in (LiveMessage, LiveParticipant):
        database[model.collection().name].delete_many(mine_or_there)
    database[ShoppingSession.collection().name].delete_many({"livestreamId": {"$in": theirs}})
    room_log.forget([events.room(stream_id) for stream_id in theirs], ops)
    streams.delete_many({"_id": {"$in": theirs}})
