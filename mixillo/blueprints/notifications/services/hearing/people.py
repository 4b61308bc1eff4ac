"""What people do with each other: following, liking, sharing, mentioning."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.models import FRIENDS, PRIVATE
from mixillo.blueprints.content.queries import sight
from mixillo.blueprints.content.services import composing, reacting
from mixillo.blueprints.notifications.models import CONTENT, FOLLOW, LIKE, MENTION, SHARE
from mixillo.blueprints.notifications.services import desk
from mixillo.blueprints.notifications.services.news import News, quoted
from mixillo.blueprints.users.models import Follow, User
from mixillo.blueprints.users.queries.people import is_private
from mixillo.blueprints.users.services import follows

Document = dict[str, Any]


@follows.followed.connect
def hear_following(_sender: Any, *, follower_id: ObjectId, following_id: ObjectId, **_more: Any) -> None:
    """Somebody follows somebody."""
    desk.take(
        News(
            FOLLOW, following_id, "follow", "New followers", "follow you", alone="follows you",
            actor_id=follower_id, action_url=f"/users/{follower_id}",
        )
    )  # fmt: skip


@reacting.liked.connect
def hear_liking(_sender: Any, *, content: Document, user_id: ObjectId, **_more: Any) -> None:
    """Somebody likes a post."""
    desk.take(_of_post(LIKE, content, content["userId"], user_id, "New likes", "liked your post"))


@reacting.shared.connect
def hear_sharing(_sender: Any, *, content: Document, user_id: ObjectId, **_more: Any) -> None:
    """Somebody passed a post on."""
    desk.take(_of_post(SHARE, content, content["userId"], user_id, "Your post goes round", "shared your post"))


@composing.published.connect
def hear_publishing(_sender: Any, *, content: Document, **_more: Any) -> None:
    """A post was published: whom it mentions is told, if they may see it."""
    author, caption = content["userId"], quoted(content.get("caption"))
    desk.take(
        *(
            _of_post(MENTION, content, user_id, author, "You were mentioned", f"mentioned you: {caption}")
            for user_id in who_sees(content, list(content.get("mentions") or []))
        )
    )


def _of_post(kind: str, content: Document, user_id: ObjectId, actor_id: ObjectId, title: str, text: str) -> News:
    content_id = content["_id"]
    return News(
        kind, user_id, f"{kind}:{content_id}", title, text, actor_id=actor_id, related_id=content_id,
        related_type=CONTENT, image_url=content.get("thumbnailUrl"), action_url=f"/content/{content_id}",
    )  # fmt: skip


def who_sees(content: Document, people: list[ObjectId]) -> list[ObjectId]:
    """Return those of ``people`` who may see a published post; three small queries at most."""
    meant_for, author_id = sight.visibility(content), content["userId"]
    if not people or meant_for == PRIVATE:
        return []
    author = User.collection().find_one({"_id": author_id}, {"privacySettings.isPrivate": 1}) or {}
    if meant_for != FRIENDS and not is_private(author):
        return people
    # What a private profile posts is for those whom its owner follows; friends follow each other.
    followed = set(_pairs("followingId", {"followerId": author_id, "followingId": {"$in": people}}))
    if meant_for == FRIENDS:
        followed &= set(_pairs("followerId", {"followingId": author_id, "followerId": {"$in": people}}))
    return [each for each in people if each in followed]


def _pairs(side: str, where: Document) -> list[ObjectId]:
    return [pair[side] for pair in Follow.collection().find(where, {"_id": 0, side: 1})]
