"""News, and what somebody was told of them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.notifications.models import COMMENT, LIKE
from mixillo.blueprints.notifications.services.news import News

User = dict[str, Any]
POST = ObjectId("64b7f3a2c9e77a0012ab34cd")


def like_of(actor: User, owner: User, post: ObjectId = POST) -> News:
    return News(LIKE, owner["_id"], f"like:{post}", "New likes", "liked your post", actor_id=actor["_id"])


def comment_of(actor: User, owner: User, text: str) -> News:
    return News(
        COMMENT, owner["_id"], f"comment:{POST}", "New comments", "commented on your post",
        alone=f"commented: {text}", actor_id=actor["_id"], event=ObjectId(),
    )  # fmt: skip


def of(db: Database, user: User) -> list[tuple[str, str, str]]:
    """Return what somebody was told: type, title, body."""
    found = db["notifications"].find({"userId": user["_id"]}, sort=[("_id", 1)])
    return [(each["type"], each["title"], each["body"]) for each in found]
