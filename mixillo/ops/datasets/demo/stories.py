"""The demo's stories: all of them are still alive when the dataset is loaded."""

from datetime import timedelta

from bson import ObjectId

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.words import STORY_CAPTIONS
from mixillo.ops.datasets.demo.world import MEDIA, World
from mixillo.ops.datasets.documents import Document

TELLERS, MOST_EACH = 90, 3
LIFETIME, OLDEST_HOURS = timedelta(hours=24), 18
SEEN = 0.3


def stories(world: World, people: People, followers: dict[ObjectId, list[ObjectId]]) -> list[Document]:
    """Return stories of una, sam and other creators, seen by some of their followers."""
    creators = [user for user in people.active if user["isCreator"]]
    tellers = [people.named("una"), people.named("sam"), *world.rng.sample(creators[3:], TELLERS - 2)]
    return [
        _story(world, teller, followers.get(teller["_id"], []), f"{number}-{part}")
        for number, teller in enumerate(tellers, 1)
        for part in range(world.rng.randint(1, MOST_EACH))
    ]


def _story(world: World, teller: Document, followers: list[ObjectId], key: str) -> Document:
    told = world.between(max(teller["createdAt"], world.ago(hours=OLDEST_HOURS)), world.ago(minutes=2))
    kind = "video" if world.chance(0.4) else "image"
    viewers = [
        {"userId": follower, "viewedAt": world.between(told, world.moment, soon=2)}
        for follower in followers
        if world.chance(SEEN)
    ]
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
            "isPrivate": False,
            "allowedUsers": [],
            "viewsCount": len(viewers),
            "viewers": viewers,
            "isArchived": False,
            "expiresAt": told + LIFETIME,
        },
    )
