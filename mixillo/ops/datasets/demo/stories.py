"""The demo's stories: all of them are still alive when the dataset is loaded; who has seen them, and what is kept."""

from collections.abc import Iterator
from datetime import timedelta

from bson import ObjectId

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.words import STORY_CAPTIONS
from mixillo.ops.datasets.demo.world import MEDIA, World
from mixillo.ops.datasets.documents import Document

TELLERS, MOST_EACH = 90, 3
LIFETIME, OLDEST_HOURS = timedelta(hours=24), 18
SEEN, CLOSE, KEPT, MOST_CLOSE = 0.3, 0.1, 0.2, 5
COPIED = (
    "_id", "type", "mediaUrl", "thumbnailUrl", "duration", "caption", "visibility", "isPrivate", "allowedUsers",
    "createdAt",
)  # fmt: skip
HIGHLIGHTS = ("Best of", "On the road", "Behind the scenes", "Friends", "Work")
Batch = tuple[str, list[Document]]


def stories(world: World, people: People, followers: dict[ObjectId, list[ObjectId]]) -> Iterator[Batch]:
    """Yield stories of una, sam and other creators, who of their followers has seen them, close friends, highlights."""
    creators = [user for user in people.active if user["isCreator"]]
    tellers = [people.named("una"), people.named("sam"), *world.rng.sample(creators[3:], TELLERS - 2)]
    told, views = [], []
    for number, teller in enumerate(tellers, 1):
        for part in range(world.rng.randint(1, MOST_EACH)):
            story = _story(world, teller, f"{number}-{part}")
            views += _views(world, story, followers.get(teller["_id"], []))
            told.append(story)
    yield "stories", told
    yield "storyviews", views
    yield (
        "closefriends",
        [
            _friend(world, teller, follower)
            for teller in tellers[:2]
            for follower in followers.get(teller["_id"], [])[:MOST_CLOSE]
        ],
    )
    yield "storyhighlights", [_highlight(world, story) for story in told if world.chance(KEPT)]


def _story(world: World, teller: Document, key: str) -> Document:
    told = world.between(max(teller["createdAt"], world.ago(hours=OLDEST_HOURS)), world.ago(minutes=2))
    kind = "video" if world.chance(0.4) else "image"
    is_close = world.chance(CLOSE)
    return world.make.dated(
        "stories",
        told,
        {
            "userId": teller["_id"],
            "type": kind,
            "mediaUrl": f"{MEDIA}/stories/{key}.{'mp4' if kind == 'video' else 'jpg'}",
            "thumbnailUrl": f"{MEDIA}/stories/{key}.jpg",
            "duration": 15 if kind == "video" else 5,
            "caption": world.pick(STORY_CAPTIONS),
            "visibility": "close" if is_close else "public",
            "isPrivate": is_close,
            "allowedUsers": [],
            "viewsCount": 0,
            "isArchived": False,
            "expiresAt": told + LIFETIME,
        },
    )


def _views(world: World, story: Document, followers: list[ObjectId]) -> list[Document]:
    """Return who has seen a story, and count them in it; of close friends these are the first followers."""
    may = followers[:MOST_CLOSE] if story["visibility"] == "close" else followers
    rows = []
    for follower in may:
        if world.chance(SEEN):
            at = world.between(story["createdAt"], world.moment, soon=2)
            fields = {"storyId": story["_id"], "userId": follower, "viewedAt": at, "expiresAt": story["expiresAt"]}
            rows.append(world.make.dated("storyviews", at, fields))
    story["viewsCount"] = len(rows)
    return rows


def _friend(world: World, teller: Document, friend: ObjectId) -> Document:
    at = world.between(teller["createdAt"], world.moment)
    return world.make.dated("closefriends", at, {"userId": teller["_id"], "friendId": friend})


def _highlight(world: World, story: Document) -> Document:
    item = {name: story[name] for name in COPIED}
    at = world.between(story["createdAt"], world.moment)
    fields = {"userId": story["userId"], "title": world.pick(HIGHLIGHTS), "items": [item], "updatedAt": at}
    return world.make.dated("storyhighlights", at, fields)
