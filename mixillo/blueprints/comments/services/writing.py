"""Writing comments and replies, changing and removing them.

A reply to a reply stands below the comment on top of the thread, and remembers whom it answers.
"""

from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.comments import events
from mixillo.blueprints.comments.models import APPROVED, PENDING, REMOVED, Comment
from mixillo.blueprints.comments.queries import sight
from mixillo.blueprints.comments.queries.sight import CommentNotFound
from mixillo.blueprints.comments.services import counting, words
from mixillo.blueprints.content.events import room
from mixillo.blueprints.content.models import Content
from mixillo.blueprints.content.queries import browsing
from mixillo.blueprints.content.services import naming
from mixillo.blueprints.users.models import User
from mixillo.blueprints.users.queries import people, relations
from mixillo.core import audit_log, clock, realtime
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import Forbidden

Document = dict[str, Any]
EVERYONE, FOLLOWERS = "everyone", "followers"
# Sent after the commit, once for each comment, when others can see it for the first time: ``created`` with the stored
# ``comment`` and ``content``, ``replied`` besides with the ``comment`` and the one it ``answers``..
created, replied = Signal(), Signal()


class CommentsClosed(Forbidden):
    """Not everybody may comment on the post, or nobody may."""

    code, title = "comments_closed", "You cannot comment on this post"


def write(author: Viewer, content_id: ObjectId, text: str, answers: ObjectId | None, comment_id: ObjectId) -> Document:
    """Comment on a post, or answer a comment there; return ``{comment, commentsCount}``.

    ``comment_id`` makes repeating this harmless. What has a word that is held back waits for an administrator.

    :raises ContentNotFound: there is no such post for the author.
    :raises CommentNotFound: there is no such comment to answer on it.
    :raises CommentsClosed: its author, or the post, does not take this one's comments.
    :raises WordBlocked: the text has a word that is not welcome.
    """
    post = browsing.find(content_id, author)
    if known := Comment.collection().find_one({"_id": comment_id, "userId": author.id}, {"_id": 1}):
        return _told(known["_id"], post, author)
    _check_open(post, author)
    answered = _answered(answers, content_id, author)
    status = PENDING if words.holds_back(text) and not author.is_admin else APPROVED
    comment = _new(comment_id, author, content_id, text, answered) | {"status": status, "isHidden": status != APPROVED}
    if status == APPROVED:
        comment["publishedAt"] = comment["createdAt"]
    try:
        count = transact(lambda session: counting.add(comment, session), turns_of=[content_id])
    except DuplicateKeyError:  # the same request, at the same time
        return _told(comment_id, post, author)
    if status == APPROVED:
        tell(comment, post, count)
    return {"comment": sight.show(comment_id, author), "commentsCount": count}


def change(viewer: Viewer, comment_id: ObjectId, text: str) -> Document:
    """Change one's own comment, or as an administrator anybody's, and return it.

    :raises CommentNotFound: there is no such comment of the viewer's.
    :raises WordBlocked: the text has a word that is not welcome.
    """
    stored = sight.find(comment_id, viewer)
    if not viewer.is_admin and stored["userId"] != viewer.id:
        raise CommentNotFound
    held = words.holds_back(text) and not viewer.is_admin
    status = stored.get("status", APPROVED)
    after = PENDING if held and status == APPROVED else status
    fields = {"text": text, "mentions": naming.mentioned(text), "isEdited": True, "editedAt": clock.now()}

    def work(session: ClientSession) -> None:
        before, _ = counting.move(comment_id, after, fields, session, was=status)
        if before["userId"] != viewer.id:
            record("comment.edited", viewer, before, {"text": before["text"]}, {"text": text}, session)

    transact(work, turns_of=[stored["contentId"]])
    return sight.show(comment_id, viewer)


def remove(viewer: Viewer, comment_id: ObjectId, content_id: ObjectId | None = None) -> int:
    """Remove a comment with its replies and return how many its post has then.

    Its author may, the post's author and administrators. ``content_id`` names the post that it has to be on.

    :raises CommentNotFound: there is no such comment that the viewer may remove.
    """
    stored = sight.find(comment_id, viewer)
    post = Content.collection().find_one({"_id": stored["contentId"]}, {"userId": 1}) or {}
    may = viewer.is_admin or viewer.id in (stored["userId"], post.get("userId"))
    if not may or content_id not in (None, stored["contentId"]):
        raise CommentNotFound

    def work(session: ClientSession) -> int:
        before, _ = counting.move(comment_id, REMOVED, {"deletedAt": clock.now()}, session)
        if before["userId"] != viewer.id and viewer.is_admin:
            record("comment.removed", viewer, before, {"status": before["status"]}, {"status": REMOVED}, session)
        return counting.of_post(stored["contentId"], 0, session)

    return transact(work, turns_of=[stored["contentId"]])


def tell(comment: Document, post: Document, count: int) -> None:
    """Tell those who look at the post, and the features above, that ``comment`` is there."""
    author = people.summaries([comment["userId"]]).get(comment["userId"])
    if author is None:
        return
    said = {"_id": comment["_id"], "text": comment["text"], "parentId": comment.get("parentId"), "user": author,
            "createdAt": clock.timestamp(comment["createdAt"])}  # fmt: skip
    told = {
        "contentId": post["_id"],
        "comment": said,
        "commentsCount": count,
        "timestamp": clock.timestamp(clock.now()),
    }
    realtime.emit(events.VIDEO_COMMENT, told, to=room(post["_id"]))
    created.send(comment=comment, content=post)
    if answered := comment.get("replyToId") or comment.get("parentId"):
        answers = Comment.collection().find_one({"_id": answered})
        if answers:
            replied.send(comment=comment, answers=answers)


def record(
    action: str, admin: Viewer, comment: Document, before: Document, after: Document, session: ClientSession
) -> None:
    """Enter what an administrator did to somebody's comment into the audit log."""
    audit_log.record(
        action,
        actor={"kind": "user", "id": admin.id, "name": admin.username},
        target=Comment.collection().name,
        target_id=comment["_id"],
        changes={"before": before, "after": after},
        session=session,
    )


def _check_open(post: Document, author: Viewer) -> None:
    if author.is_admin or post["userId"] == author.id:
        return
    if post.get("allowComments") is False:
        raise CommentsClosed("Its author does not want comments on this post.")
    owner = User.collection().find_one({"_id": post["userId"]}, {"privacySettings.allowComments": 1}) or {}
    audience = (owner.get("privacySettings") or {}).get("allowComments") or EVERYONE
    if audience == EVERYONE:
        return
    if audience != FOLLOWERS or not relations.is_following(author.id, post["userId"]):
        raise CommentsClosed("Its author takes comments from followers only." if audience == FOLLOWERS else None)


def _answered(comment_id: ObjectId | None, content_id: ObjectId, viewer: Viewer) -> Document | None:
    if comment_id is None:
        return None
    answered = sight.find(comment_id, viewer)
    if answered["contentId"] != content_id or answered.get("status") != APPROVED:
        raise CommentNotFound
    return answered


def _new(comment_id: ObjectId, author: Viewer, content_id: ObjectId, text: str, answered: Document | None) -> Document:
    now = clock.now()
    made = Comment(id=comment_id, userId=author.id, contentId=content_id, text=text).to_mongo().to_dict()
    made |= {"parentId": None, "mentions": naming.mentioned(text), "createdAt": now, "updatedAt": now}
    if answered:
        made |= {"parentId": answered.get("parentId") or answered["_id"], "replyToId": answered["_id"]}
    return made


def _told(comment_id: ObjectId, post: Document, author: Viewer) -> Document:
    return {"comment": sight.show(comment_id, author), "commentsCount": int(post.get("commentsCount") or 0)}
