"""What administrators decide about posts: taken away, or back as they were; their authors' counters follow."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.content.models import ACTIVE, DRAFT, REMOVED, REPORTED, Content
from mixillo.blueprints.content.queries.browsing import ContentNotFound
from mixillo.blueprints.content.services import composing
from mixillo.core import audit_log, clock
from mixillo.core.security import Viewer

Document = dict[str, Any]


def put(admin: Viewer, content_id: ObjectId, status: str, reason: str | None, session: ClientSession) -> Document:
    """Within a transaction, take a post away (``REMOVED``) or let it stay (``ACTIVE``); return it as it was.

    One that was taken away gets the status back that it had; what was never published becomes a draft.

    :raises ContentNotFound: there is none of this id.
    """
    posts, now = Content.collection(), clock.now()
    before: Document | None = posts.find_one({"_id": content_id}, session=session)
    if before is None:
        raise ContentNotFound
    after = REMOVED if status == REMOVED else _standing(before)
    fields: Document = {"status": after, "reviewedBy": admin.id, "reviewedAt": now, "updatedAt": now}
    if after != REMOVED:
        fields |= {"moderationFlags": [], "removedFrom": None}
    elif before["status"] != REMOVED:
        fields |= {"moderationFlags": [reason] if reason else [], "removedFrom": before["status"]}
    posts.update_one({"_id": content_id}, {"$set": fields}, session=session)
    step = int(after == ACTIVE) - int(before["status"] == ACTIVE)
    if step and not before.get("isDeleted"):
        composing.count(before["userId"], step, session)
    audit_log.record(
        "content.removed" if after == REMOVED else "content.approved",
        actor={"kind": "user", "id": admin.id, "name": admin.username},
        target=posts.name,
        target_id=content_id,
        changes={"before": {"status": before["status"]}, "after": {"status": after, "reason": reason}},
        session=session,
    )
    return before


def _standing(post: Document) -> str:
    """Return the status that a post has when nothing is wrong with it."""
    status = (post.get("removedFrom") or ACTIVE) if post["status"] == REMOVED else post["status"]
    status = ACTIVE if status == REPORTED else status
    return DRAFT if status == ACTIVE and not post.get("publishedAt") else status
