"""The six contents of the report's issue 1: each names a creator who does not exist."""

from datetime import datetime
from typing import NamedTuple

from mixillo.ops.datasets.documents import Document, DocumentFactory, object_id
from mixillo.ops.datasets.report.dates import LAUNCH, day


class Orphan(NamedTuple):
    kind: str
    published: datetime
    caption: str
    hashtags: list[str]


ORPHANS = (
    Orphan("video", day(-20), "Sunrise over the old harbour", ["travel", "sunrise"]),
    Orphan("video", day(-19), "Three chords are enough", ["music", "guitar"]),
    Orphan("image", day(-17), "First try at film photography", ["analog", "photo"]),
    Orphan("video", day(-16), "Ten minute dinner for two", ["food", "quick"]),
    Orphan("image", day(-14), "Rainy day sketches", ["art", "sketch"]),
    Orphan("video", day(-10), "Learning to skate at thirty", ["skate", "fun"]),
)
# Past the numbers that users() gives out, so these ids are nobody's.
FIRST_MISSING_USER = 1000


def orphaned_contents(make: DocumentFactory) -> list[Document]:
    """Return the contents of the report's issue 1: each names a creator who does not exist."""
    return [
        make.stamped("contents", orphan.published, _orphan(number, orphan))
        for number, orphan in enumerate(ORPHANS, FIRST_MISSING_USER)
    ]


def _orphan(missing_user: int, orphan: Orphan) -> Document:
    file = f"https://media.mixillo.example/{missing_user}"
    media = {"videoUrl": f"{file}.mp4"} if orphan.kind == "video" else {"imageUrls": [f"{file}.jpg"]}
    return {
        "userId": object_id("report", "users", missing_user, LAUNCH),
        "type": orphan.kind,
        "postType": "feed",
        **media,
        "caption": orphan.caption,
        "hashtags": orphan.hashtags,
        "isPrivate": False,
        "allowComments": True,
        "allowDuet": True,
        "allowStitch": True,
        "allowDownload": True,
        "status": "active",
        "isDeleted": False,
        "viewsCount": 0,
        "likesCount": 0,
        "commentsCount": 0,
        "sharesCount": 0,
        "savesCount": 0,
        "processingStatus": "completed",
        "publishedAt": orphan.published,
    }
