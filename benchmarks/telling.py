"""Notifications and stories at 20,000 and at 1,000,000 of each: how much slower is fifty times as much?

A reader was told 500 things, and follows two hundred people who show two stories each; all the rest is others'.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bson import ObjectId
from pymongo import MongoClient, WriteConcern
from pymongo.database import Database

from benchmarks import growth, people
from benchmarks.report import Row
from benchmarks.server import Server, serving
from mixillo.core import clock
from mixillo.ops import mongod
from mixillo.ops.migrations import discover

SIZES = (20_000, 1_000_000)
TOLD, FOLLOWED, EACH, BATCH = 500, 200, 2, 5_000
Document = dict[str, Any]


def benchmark() -> list[Row]:
    """Return the rows of this part."""
    with TemporaryDirectory() as scratch, serving(Path(scratch), dataset="none") as server:
        running = mongod.running(server.data_dir)
        if running is None:
            raise RuntimeError("the server brought no database along")
        reader_id, headers = people.registered(server, "bench_reader")
        client: MongoClient[Document]
        with MongoClient(running.uri, tz_aware=True) as client:
            world = World(client["mixillo"], client["mixillo_ops"], ObjectId(reader_id))
            small, large = (_at(server, world, size, headers) for size in SIZES)
    return list(growth.rows(SIZES, small, large))


def _at(server: Server, world: "World", size: int, headers: people.Headers) -> dict[str, float]:
    """Return the p95 of each kind of request at ``size`` notifications and stories."""
    world.grow(size)
    return {what: growth.p95(server, paths, headers) for what, paths in world.requests().items()}


class World:
    """What people were told and what they show, as much as is asked for."""

    def __init__(self, database: Database, ops: Database, reader_id: ObjectId) -> None:
        self._database, self._ops, self._reader_id = database, ops, reader_id
        self._now = clock.now()
        self._count = 0
        followed = [ObjectId() for _ in range(FOLLOWED)]
        database["users"].insert_many(map(_person, followed, range(FOLLOWED)))
        pairs = [{"followerId": reader_id, "followingId": each, "createdAt": self._now} for each in followed]
        database["follows"].insert_many(pairs)
        database["notifications"].insert_many([self._told(reader_id, n, followed[n % FOLLOWED]) for n in range(TOLD)])
        shown = [self._story(each, n) for n, each in enumerate(followed * EACH)]
        database["stories"].insert_many(shown)
        self._some = [str(story["_id"]) for story in shown]

    def grow(self, size: int) -> None:
        """Add others' until there are ``size`` of each; their indexes are built when all are there."""
        for name, made in (("notifications", self._told), ("stories", self._story)):
            self._database[name].drop_indexes()
            collection = self._database.get_collection(name, write_concern=WriteConcern(w=1))
            others: Iterator[Document] = (made(ObjectId(), number) for number in range(size - self._count))
            while batch := list(islice(others, BATCH)):
                collection.insert_many(batch, ordered=False)
        self._count = size
        for migration in discover():
            if migration.name.endswith(("notifications", "stories")):
                migration.step("upgrade")(self._database, self._ops)

    def requests(self) -> dict[str, list[str]]:
        """Return what to ask for, by what it is."""
        return {
            "GET /api/notifications": ["/api/notifications?limit=20&total=false"],
            "GET /api/notifications (unread)": ["/api/notifications?limit=20&unreadOnly=true&total=false"],
            "GET /api/notifications/unread-count": ["/api/notifications/unread-count"],
            "GET /api/stories": ["/api/stories?limit=20"],
            "GET /api/stories/:id": [f"/api/stories/{each}" for each in self._some],
        }

    def _told(self, user_id: ObjectId, number: int, sender_id: ObjectId | None = None) -> Document:
        kind = ("like", "comment", "follow", "system")[number % 4]
        return {
            "_id": ObjectId(), "userId": user_id, "type": kind, "title": "News", "body": "Made for the benchmark",
            "isRead": number % 3 == 0, "senderId": sender_id, "actors": [sender_id] if sender_id else [], "count": 1,
            "createdAt": self._now - timedelta(seconds=number % 1_000_000),
        }  # fmt: skip

    def _story(self, user_id: ObjectId, number: int) -> Document:
        at = self._now - timedelta(seconds=number % 3_600)
        return {
            "_id": ObjectId(), "userId": user_id, "type": "image", "mediaUrl": "https://cdn.example.com/a.jpg",
            "duration": 5, "visibility": "public", "isPrivate": False, "viewsCount": 0, "createdAt": at,
            "expiresAt": at + timedelta(hours=24),
        }  # fmt: skip


def _person(user_id: ObjectId, number: int) -> Document:
    name = f"bench_teller_{number}"
    names = {"username": name, "email": f"{name}@example.com", "fullName": "Bench"}
    return {"_id": user_id, "role": "user", "status": "active"} | names
