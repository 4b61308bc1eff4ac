"""Liking, saving and sharing: the row and the counters change together or not at all, so that they are always equal."""

from dataclasses import dataclass
from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.content import events
from mixillo.blueprints.content.models import Content, Like, Save, Share
from mixillo.blueprints.content.queries import browsing
from mixillo.blueprints.users.models import User
from mixillo.core import clock, realtime
from mixillo.core.db import transact
from mixillo.core.security import Viewer

Document = dict[str, Any]
# Sent after the commit, with the stored ``content`` and the ``user_id`` who likes it; notifications listen.
liked, shared = Signal(), Signal()


@dataclass(frozen=True)
class Mark:
    """A row that somebody sets on a post once, and the counters of the post and of its author."""

    model: type[Like] | type[Save]
    counter: str
    of_author: str | None = None


LIKES = Mark(Like, "likesCount", "likesReceivedCount")
SAVES = Mark(Save, "savesCount")


def like(viewer: Viewer, content_id: ObjectId, wanted: bool | None = None) -> Document:
    """Like a post, or stop it; without ``wanted`` the other of both. Return ``{isLiked, likesCount}``.

    :raises ContentNotFound: there is no such post for ``viewer``.
    """
    content = browsing.find(content_id, viewer)
    is_liked, count, is_new = _set(LIKES, viewer, content, wanted, {})
    if is_new:
        told = {
            "contentId": content_id, "userId": viewer.id, "isLiked": is_liked, "likesCount": count,
            "timestamp": clock.timestamp(clock.now()),
        }  # fmt: skip
        realtime.emit(events.VIDEO_LIKE, told, to=events.room(content_id))
        if is_liked:
            liked.send(content=content, user_id=viewer.id)
    return {"isLiked": is_liked, "likesCount": count}


def save(viewer: Viewer, content_id: ObjectId, wanted: bool | None = None, collection: str = "default") -> Document:
    """Save a post, or forget it; without ``wanted`` the other of both. Return ``{isSaved, savesCount}``.

    :raises ContentNotFound: there is no such post for ``viewer``.
    """
    content = browsing.find(content_id, viewer)
    is_saved, count, _ = _set(SAVES, viewer, content, wanted, {"collection": collection})
    return {"isSaved": is_saved, "savesCount": count}


def share(viewer: Viewer, content_id: ObjectId, platform: str, share_id: ObjectId) -> int:
    """Note that a post was passed on, once per ``share_id``, and return how often that was done.

    :raises ContentNotFound: there is no such post for ``viewer``.
    """
    content = browsing.find(content_id, viewer)
    row = Share(id=share_id, userId=viewer.id, contentId=content_id, platform=platform).to_mongo().to_dict()

    def work(session: ClientSession) -> tuple[int, bool]:
        if Share.collection().find_one({"_id": share_id}, {"_id": 1}, session=session):
            return _count(content_id, "sharesCount", 0, session), False
        Share.collection().insert_one(row, session=session)
        return _count(content_id, "sharesCount", 1, session), True

    count, is_new = transact(work, turns_of=[content_id])
    if is_new:
        told = {
            "contentId": content_id, "userId": viewer.id, "sharesCount": count,
            "timestamp": clock.timestamp(clock.now()),
        }  # fmt: skip
        realtime.emit(events.VIDEO_SHARE, told, to=events.room(content_id))
        shared.send(content=content, user_id=viewer.id)
    return count


def _set(
    mark: Mark, viewer: Viewer, content: Document, wanted: bool | None, fields: Document
) -> tuple[bool, int, bool]:
    """Set or take back ``mark``; return whether it is there now, how many there are, and whether anything changed."""
    content_id, author_id = content["_id"], content["userId"]
    pair = {"userId": viewer.id, "contentId": content_id}
    row = mark.model(id=ObjectId(), **pair).to_mongo().to_dict() | fields

    def work(session: ClientSession) -> tuple[bool, int, bool]:
        rows = mark.model.collection()
        there = rows.find_one(pair, {"_id": 1}, session=session) is not None
        want = not there if wanted is None else wanted
        if want == there:
            return there, _count(content_id, mark.counter, 0, session), False
        if want:
            rows.insert_one(row, session=session)
        else:
            rows.delete_one(pair, session=session)
        step = 1 if want else -1
        if mark.of_author:
            User.collection().update_one({"_id": author_id}, {"$inc": {mark.of_author: step}}, session=session)
        return want, _count(content_id, mark.counter, step, session), True

    return transact(work, turns_of=[content_id, author_id])


def _count(content_id: ObjectId, counter: str, step: int, session: ClientSession) -> int:
    """Change a counter of a post, which existing data may lack; return it."""
    posts = Content.collection()
    if not step:
        return int((posts.find_one({"_id": content_id}, {counter: 1}, session=session) or {}).get(counter) or 0)
    after = posts.find_one_and_update(
        {"_id": content_id},
        {"$inc": {counter: step}},
        projection={counter: 1},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return int(after[counter]) if after else 0
