"""The 5,000 posts of the demo, their sounds and hashtags."""

from collections import Counter
from datetime import timedelta
from typing import Any

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.topics import SOUNDS, TOPICS, Topic
from mixillo.ops.datasets.demo.world import CITIES, MEDIA, World
from mixillo.ops.datasets.documents import Document

POSTS = 5000
POSTS_OF_UNA = 24
KINDS = {"video": 78, "image": 17, "text": 5}
STATUSES = {"active": 970, "draft": 12, "processing": 3, "removed": 8, "archived": 7}
QUALITIES = (("480p", 900), ("720p", 2200))


def sounds(world: World, people: People) -> list[Document]:
    return [
        world.make.stamped(
            "sounds",
            world.ago(days=380 - number),
            {
                "title": title,
                "artist": artist,
                "audioUrl": f"{MEDIA}/sounds/{number}.mp3",
                "duration": world.rng.randint(15, 60),
                "coverUrl": f"{MEDIA}/sounds/{number}.jpg",
                "uploadedBy": people.named("ada")["_id"],
                "isOriginal": False,
                "status": "active",
                "usageCount": 0,
                "isTrending": number <= 4,
                "trendingScore": 0,
                "genre": genre,
                "mood": [],
                "tags": [genre],
            },
        )
        for number, (title, artist, genre) in enumerate(SOUNDS, 1)
    ]


def contents(world: World, people: People, tunes: list[Document]) -> list[Document]:
    """Return the posts, oldest first; videos and uses of a sound are counted into users and ``tunes``."""
    creators = [user for user in people.active if user["isCreator"]]
    authors = [people.named("una")] * POSTS_OF_UNA + world.rng.choices(
        creators, weights=[1 / (rank + 6) ** 0.5 for rank in range(len(creators))], k=POSTS - POSTS_OF_UNA
    )
    moments = [
        (world.between(max(world.season, author["createdAt"]), world.ago(minutes=10)), author) for author in authors
    ]
    moments.sort(key=lambda pair: pair[0])
    posts = [
        world.make.stamped("contents", published, _post(world, people, author, number, tunes))
        for number, (published, author) in enumerate(moments, 1)
    ]
    for post in posts:
        if post["status"] == "active":
            post["publishedAt"] = post["createdAt"]
        if post["isDeleted"]:
            post["deletedAt"] = post["updatedAt"] = post["createdAt"] + timedelta(minutes=9)
    _count_uses(posts, moments, tunes)
    return posts


def _post(world: World, people: People, author: Document, number: int, tunes: list[Document]) -> dict[str, Any]:
    topic = world.pick(TOPICS)
    kind = _weighted(world, KINDS)
    status = _weighted(world, STATUSES)
    locale, _country = people.homes[author["_id"]]
    city = world.pick(CITIES[locale])
    tune = world.pick(tunes) if kind == "video" and world.chance(0.4) else None
    active = status == "active"
    fields: dict[str, Any] = {
        "userId": author["_id"],
        "type": kind,
        "postType": "feed" if kind == "video" else "post",
        **_media(world, kind, number),
        "caption": _caption(world, topic, locale, city),
        "hashtags": sorted(world.sample(topic.hashtags, 3)),
        "mentions": [people.popular(world, 1)[0]["_id"]] if world.chance(0.05) else [],
        "originalSound": kind == "video" and tune is None,
        "isPrivate": False,
        "allowComments": True,
        "allowDuet": True,
        "allowStitch": True,
        "allowDownload": True,
        "status": status,
        "isDeleted": status == "removed" and world.chance(0.5),
        "viewsCount": 0,
        "uniqueViewsCount": 0,
        "likesCount": 0,
        "commentsCount": 0,
        "sharesCount": 0,
        "savesCount": 0,
        "duetsCount": 0,
        "processingStatus": "processing" if status == "processing" else "completed",
        "avgWatchTime": 0,
        "completionRate": 0,
        "impressions": 0,
        "clickThroughRate": 0,
        "keywords": [],
        "feedScore": 0,
        "aiTags": [],
        "isDuet": False,
        "isStitch": False,
        "reportCount": 0,
        "moderationFlags": ["spam"] if status == "removed" else [],
    }
    if tune is not None:
        fields["soundId"] = tune["_id"]
    if active and world.chance(0.3):
        fields["location"] = {"name": city}
    return fields


def _media(world: World, kind: str, number: int) -> dict[str, Any]:
    file = f"{MEDIA}/posts/{number:05d}"
    if kind == "text":
        return {"imageUrls": [], "qualities": []}
    if kind == "image":
        pictures = [f"{file}-{n}.jpg" for n in range(1, world.rng.randint(1, 4) + 1)]
        return {"thumbnailUrl": pictures[0], "imageUrls": pictures, "qualities": []}
    seconds = world.rng.randint(8, 90)
    return {
        "videoUrl": f"{file}.mp4",
        "thumbnailUrl": f"{file}.jpg",
        "imageUrls": [],
        "duration": seconds,
        "qualities": [
            {"resolution": name, "url": f"{file}-{name}.mp4", "size": rate * 125 * seconds, "bitrate": rate}
            for name, rate in QUALITIES
        ],
    }


def _caption(world: World, topic: Topic, locale: str, city: str) -> str:
    caption = world.pick(topic.captions)
    if "{name}" in caption:
        return caption.format(city=city, name=world.fake(locale).first_name())
    return caption.format(city=city)


def _weighted(world: World, shares: dict[str, int]) -> str:
    return world.rng.choices(list(shares), list(shares.values()))[0]


def _count_uses(posts: list[Document], moments: list[tuple[Any, Document]], tunes: list[Document]) -> None:
    used = Counter(post.get("soundId") for post in posts)
    for tune in tunes:
        tune["usageCount"] = tune["trendingScore"] = used[tune["_id"]]
    for post, (_published, author) in zip(posts, moments, strict=True):
        if post["type"] == "video" and post["status"] == "active":
            author["videosCount"] += 1


def tags(world: World, posts: list[Document]) -> list[Document]:
    """Return every hashtag with the number of posts that carry it; the ten most used are trending."""
    used = Counter(tag for post in posts for tag in post["hashtags"])
    return [
        world.make.stamped(
            "tags",
            world.season,
            {"name": name, "usageCount": count, "isBlocked": False, "isTrending": rank < 10},
        )
        for rank, (name, count) in enumerate(used.most_common())
    ]
