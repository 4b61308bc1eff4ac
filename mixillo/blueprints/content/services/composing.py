"""Writing posts: made, changed, published at once or later, deleted and brought back, by their authors.

Their author's ``videosCount`` is how many of them are published and not deleted; it changes with the post.
"""

from datetime import datetime
from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.content.models import ACTIVE, ARCHIVED, DRAFT, PUBLIC, REMOVED, REPORTED, Content
from mixillo.blueprints.content.queries import browsing, shapes
from mixillo.blueprints.content.queries.browsing import ContentNotFound
from mixillo.blueprints.content.services import filling, naming
from mixillo.blueprints.users.models import User
from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

Document = dict[str, Any]
# Sent after the commit, with the stored ``content``; feeds and notifications listen.
published = Signal()


class NotToBePublished(Conflict):
    """Only a draft can be published."""

    code, title = "content_not_publishable", "The post cannot be published now"


def create(author: Viewer, fields: Document, content_id: ObjectId) -> Document:
    """Write a post and return it as it is shown; ``content_id`` makes repeating this harmless.

    With ``scheduledFor`` it is a draft until then; ``status`` ``draft`` leaves it one.

    :raises ValidationFailed: what its type calls for is missing, or it names what is not there.
    """
    if known := Content.collection().find_one({"_id": content_id, "userId": author.id}, {"_id": 1}):
        return browsing.show(known["_id"], author)
    fields = naming.named(filling.filled(author.id, fields, fields["type"]))
    naming.check(fields)
    now = clock.now()
    is_draft = fields.get("status") == DRAFT or fields.get("scheduledFor") is not None
    document = Content(id=content_id, userId=author.id).to_mongo().to_dict() | fields
    document |= {"isPrivate": document["visibility"] != PUBLIC, "createdAt": now, "updatedAt": now}
    document |= {"status": DRAFT} if is_draft else {"status": ACTIVE, "publishedAt": now}

    def work(session: ClientSession) -> None:
        Content.collection().insert_one(document, session=session)
        if not is_draft:
            count(author.id, 1, session)

    try:
        transact(work)
    except DuplicateKeyError:  # the same request, at the same time
        return browsing.show(content_id, author)
    if not is_draft:
        published.send(content=document)
    return browsing.show(content_id, author)


def change(author: Viewer, content_id: ObjectId, fields: Document) -> Document:
    """Change a post of one's own and return it; what is not named stays as it is.

    A new caption brings its hashtags and mentions. ``status`` ``published`` publishes a draft, ``archived`` hides a
    post from everybody else, ``scheduledFor`` gives a draft another time.

    :raises ContentNotFound: there is no such post of the author's.
    :raises NotToBePublished: the post is no draft, or was taken away by an administrator.
    :raises ValidationFailed: what its type calls for would be missing, or it names what is not there.
    """
    stored = _own(author, content_id)
    fields = naming.named(filling.filled(author.id, fields, stored["type"]), stored)
    naming.check({**stored, **fields})
    if "visibility" in fields:
        fields["isPrivate"] = fields["visibility"] != PUBLIC
    wanted = fields.pop("status", None)
    if "scheduledFor" in fields and stored["status"] != DRAFT:
        raise NotToBePublished("What is published already cannot wait.")
    step = _step(stored["status"], wanted)
    now = clock.now()
    if wanted:
        fields |= {"status": wanted}
    if wanted == ACTIVE:
        fields |= {"publishedAt": stored.get("publishedAt") or now, "scheduledFor": None}
    after = _move(stored, fields | {"updatedAt": now}, step)
    if step > 0 and stored["status"] == DRAFT:
        published.send(content=after)
    return browsing.show(content_id, author)


def delete(viewer: Viewer, content_id: ObjectId) -> None:
    """Delete a post so that its author can bring it back; administrators may delete anybody's.

    :raises ContentNotFound: there is no such post of the viewer's.
    """
    stored = _own(viewer, content_id)
    now = clock.now()
    step = -1 if stored["status"] == ACTIVE else 0
    fields = {"isDeleted": True, "deletedAt": now, "updatedAt": now}
    _move(stored, fields, step, by=viewer)


def restore(author: Viewer, content_id: ObjectId) -> Document:
    """Bring a deleted post of one's own back and return it.

    :raises ContentNotFound: there is no such deleted post.
    """
    stored = _own(author, content_id, deleted=True)
    step = 1 if stored["status"] == ACTIVE else 0
    _move(stored, {"isDeleted": False, "deletedAt": None, "updatedAt": clock.now()}, step, by=author)
    return browsing.show(content_id, author)


def publish_due(now: datetime, limit: int = 100) -> int:
    """Publish the drafts whose time has come, and return how many; two that do so publish each once."""
    due = {"status": DRAFT, "isDeleted": False, "scheduledFor": {"$lte": now, "$type": "date"}}
    done = 0
    for stored in Content.collection().find(due, shapes.FIELDS, sort=[("scheduledFor", 1)], limit=limit):
        fields = {"status": ACTIVE, "publishedAt": stored["scheduledFor"], "scheduledFor": None, "updatedAt": now}
        try:
            after = _move(stored, fields, 1)
        except ContentNotFound:  # changed, deleted or published meanwhile
            continue
        published.send(content=after)
        done += 1
    return done


def count(author_id: ObjectId, step: int, session: ClientSession) -> None:
    """Within a transaction, change how many posts somebody has published."""
    User.collection().update_one({"_id": author_id}, {"$inc": {"videosCount": step}}, session=session)


def _own(viewer: Viewer, content_id: ObjectId, *, deleted: bool = False) -> Document:
    where: Document = {"_id": content_id, "isDeleted": deleted}
    if not viewer.is_admin:
        where["userId"] = viewer.id
    stored = Content.collection().find_one(where, shapes.FIELDS)
    if stored is None:
        raise ContentNotFound
    return stored


def _move(stored: Document, fields: Document, step: int, *, by: Viewer | None = None) -> Document:
    """Change a post that is still as it was, together with its author's counter, and return it as it is now.

    :raises ContentNotFound: somebody else was quicker.
    """
    unchanged = {name: stored[name] for name in ("_id", "userId", "status", "isDeleted")}

    def work(session: ClientSession) -> Document:
        after: Document | None = Content.collection().find_one_and_update(
            unchanged, {"$set": fields}, return_document=ReturnDocument.AFTER, session=session
        )
        if after is None:
            raise ContentNotFound
        if step:
            count(stored["userId"], step, session)
        if by and by.id != stored["userId"]:
            audit_log.record(
                "content.deleted" if fields.get("isDeleted") else "content.restored",
                actor={"kind": "user", "id": by.id, "name": by.username},
                target=Content.collection().name,
                target_id=stored["_id"],
                session=session,
            )
        return after

    return transact(work)


def _step(status: str, wanted: str | None) -> int:
    """Return how the number of published posts changes.

    :raises NotToBePublished: ``status`` does not lead to ``wanted``.
    """
    if wanted is None or wanted == status:
        return 0
    allowed = {DRAFT: {ACTIVE: 1}, ACTIVE: {ARCHIVED: -1}, ARCHIVED: {ACTIVE: 1}}
    if wanted not in allowed.get(status, {}):
        if status in (REPORTED, REMOVED):
            raise NotToBePublished("It was taken away; only an administrator can bring it back.")
        raise NotToBePublished
    return allowed[status][wanted]
