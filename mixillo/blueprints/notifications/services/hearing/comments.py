"""Comments: on one's posts, in answer to one's own, that mention one, and likes of one's own."""

from collections.abc import Iterator
from typing import Any

from bson import ObjectId

from mixillo.blueprints.comments.services import liking, writing
from mixillo.blueprints.notifications.models import COMMENT, COMMENTED, LIKE, MENTION, REPLY
from mixillo.blueprints.notifications.services import desk
from mixillo.blueprints.notifications.services.hearing.people import who_sees
from mixillo.blueprints.notifications.services.news import News, quoted

Document = dict[str, Any]


@writing.created.connect
def hear_comment(_sender: Any, *, comment: Document, content: Document, **_more: Any) -> None:
    """There is a comment: the author of the post is told, and whom it mentions."""
    said = quoted(comment["text"])
    desk.take(
        _news(COMMENT, content["userId"], f"comment:{content['_id']}", comment, "New comments",
              "commented on your post", f"commented: {said}"),
        *_mentioned(comment, content, said),
    )  # fmt: skip


@writing.replied.connect
def hear_reply(_sender: Any, *, comment: Document, answers: Document, **_more: Any) -> None:
    """Somebody answered a comment: its author is told."""
    said = quoted(comment["text"])
    desk.take(
        _news(REPLY, answers["userId"], f"reply:{answers['_id']}", comment, "New replies", "replied to your comment",
              f"replied: {said}")
    )  # fmt: skip


@liking.liked.connect
def hear_liking(_sender: Any, *, comment: Document, user_id: ObjectId, **_more: Any) -> None:
    """Somebody likes a comment."""
    desk.take(
        News(
            LIKE, comment["userId"], f"like:{comment['_id']}", "New likes", "liked your comment", actor_id=user_id,
            related_id=comment["_id"], related_type=COMMENTED, action_url=f"/content/{comment['contentId']}",
        )
    )  # fmt: skip


def _mentioned(comment: Document, content: Document, said: str) -> Iterator[News]:
    """Yield what those are told whom a comment mentions and who may see the post; its author hears of it anyway."""
    named = [each for each in comment.get("mentions") or [] if each != content["userId"]]
    for user_id in who_sees(content, named):
        told = f"mention:{comment['_id']}"
        yield _news(MENTION, user_id, told, comment, "You were mentioned", f"mentioned you: {said}")


def _news(
    kind: str, user_id: ObjectId, key: str, comment: Document, title: str, text: str, alone: str | None = None
) -> News:
    return News(
        kind, user_id, key, title, text, alone=alone, actor_id=comment["userId"], event=comment["_id"],
        related_id=comment["_id"], related_type=COMMENTED, action_url=f"/content/{comment['contentId']}",
        data={"contentId": str(comment["contentId"]), "commentId": str(comment["_id"])},
    )  # fmt: skip
