"""Posts at 20,000 and at 1,000,000: how much slower is fifty times as much?

A reader who follows two hundred people reads feeds and posts; requests rotate over posts, people and hashtags.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
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
CREATORS, FOLLOWED, HASHTAGS, LIKES, BATCH = 2_000, 200, 400, 300, 5_000
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
    """Return the p95 of each kind of request at ``size`` posts."""
    world.grow(size)
    return {what: growth.p95(server, paths, headers) for what, paths in world.requests().items()}


class World:
    """People and as many of their posts as are asked for, the same ones every time."""

    def __init__(self, database: Database, ops: Database, reader_id: ObjectId) -> None:
        self._database = database
        self._ops = ops
        self._random = random.Random(6)
        self._now = clock.now()
        self._count = 0
        self._some: list[ObjectId] = []
        self._creators = [ObjectId() for _ in range(CREATORS)]
        database["users"].insert_many(map(_person, self._creators, range(CREATORS)))
        followed = [{"followerId": reader_id, "followingId": each} for each in self._creators[:FOLLOWED]]
        database["follows"].insert_many(
            [pair | {"notificationsEnabled": True, "createdAt": self._now} for pair in followed]
        )
        self._reader_id = reader_id

    def grow(self, size: int) -> None:
        """Add posts until there are ``size``; their indexes are built when all are there."""
        self._database["contents"].drop_indexes()
        contents = self._database.get_collection("contents", write_concern=WriteConcern(w=1))
        while self._count < size:
            batch = list(self._posts(min(BATCH, size - self._count)))
            contents.insert_many(batch, ordered=False)
            self._count += len(batch)
            self._some += [post["_id"] for post in batch[:40]]
        self._database["likes"].delete_many({})
        liked = [{"userId": self._reader_id, "contentId": each, "createdAt": self._now} for each in self._some[:LIKES]]
        self._database["likes"].insert_many(liked)
        for migration in discover():
            if migration.name.endswith("contents"):
                migration.step("upgrade")(self._database, self._ops)

    def requests(self) -> dict[str, list[str]]:
        """Return what to ask for, by what it is."""
        return {
            "GET /api/content/feed": ["/api/content/feed?limit=20"],
            "GET /api/feed/following": ["/api/feed/following?limit=20"],
            "GET /api/feed/trending": [f"/api/feed/trending?limit=20&period={each}" for each in ("24h", "7d", "30d")],
            "GET /api/content": ["/api/content?limit=20"],
            "GET /api/content/hashtag/:hashtag": [f"/api/content/hashtag/word{n}?limit=20" for n in range(HASHTAGS)],
            "GET /api/content/user/:userId": [f"/api/content/user/{each}?limit=20" for each in self._creators],
            "GET /api/content/:id": [f"/api/content/{each}" for each in self._some],
        }

    def _posts(self, number: int) -> Iterator[Document]:
        pick = self._random.randrange
        for _ in range(number):
            published = self._now - timedelta(seconds=pick(180 * 86_400))
            yield {
                "_id": ObjectId(),
                "userId": self._creators[pick(CREATORS)],
                "type": "video",
                "postType": "feed",
                "caption": "Made for the benchmark",
                "videoUrl": "https://cdn.example.com/a.mp4",
                "hashtags": [f"word{pick(HASHTAGS)}" for _ in range(3)],
                "visibility": "public",
                "status": "active",
                **dict.fromkeys(("isPrivate", "isDeleted"), False),
                **dict.fromkeys(("allowComments", "allowDuet", "allowStitch", "allowDownload"), True),
                "viewsCount": pick(5_000),
                "likesCount": pick(500),
                **dict.fromkeys(("commentsCount", "sharesCount", "savesCount"), pick(50)),
                **dict.fromkeys(("publishedAt", "createdAt", "updatedAt"), published),
            }


def _person(user_id: ObjectId, number: int) -> Document:
    name = f"bench_creator_{number}"
    names = {"username": name, "email": f"{name}@example.com", "fullName": "Bench"}
    return {"_id": user_id, "role": "user", "status": "active"} | names
