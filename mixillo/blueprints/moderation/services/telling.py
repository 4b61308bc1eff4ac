"""What people are told of decisions: whose thing it was, and who reported it; nobody learns of the other."""

from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.blueprints.moderation.models import COMMENT, CONTENT, CONTENT_REMOVED, NONE, PRODUCT, WARNING
from mixillo.blueprints.moderation.services import deciding, standing
from mixillo.blueprints.notifications.models import RELATED_TYPES, SYSTEM
from mixillo.blueprints.notifications.services import desk
from mixillo.blueprints.notifications.services.news import News
from mixillo.blueprints.users.models import ACTIVE, SUSPENDED
from mixillo.core import clock

CALLED = {CONTENT: "post", COMMENT: "comment", PRODUCT: "product"}


def connect() -> None:
    """Tell people from now on."""
    deciding.decided.connect(_tell_of_decision)
    standing.changed.connect(_tell_of_standing)


def _tell_of_decision(
    _sender: Any,
    *,
    kind: str,
    thing_id: ObjectId,
    owner_id: ObjectId | None,
    action: str,
    reason: str | None,
    reporter_ids: list[ObjectId],
) -> None:
    news = [_answer(reporter_id, kind, thing_id, action) for reporter_id in reporter_ids]
    # The seller of a product is told by the signal of products.
    if owner_id and action in (WARNING, CONTENT_REMOVED) and kind != PRODUCT:
        news.append(_to_owner(owner_id, kind, thing_id, action, reason))
    desk.take(*news)


def _answer(reporter_id: ObjectId, kind: str, thing_id: ObjectId, action: str) -> News:
    text = "We have looked at it, and "
    text += "found nothing against our rules." if action == NONE else "have done something about it. Thank you."
    return News(
        SYSTEM,
        reporter_id,
        f"report:{thing_id}",
        "Your report",
        text,
        event=_moment(thing_id),
        **_related(kind, thing_id),
    )


def _to_owner(owner_id: ObjectId, kind: str, thing_id: ObjectId, action: str, reason: str | None) -> News:
    called = CALLED.get(kind)
    what = f"Your {called}" if called else "What you did"
    told = "was taken away" if action == CONTENT_REMOVED else "is against our rules"
    title = "Taken away" if action == CONTENT_REMOVED else "A warning"
    text = f"{what} {told}{f': {reason}' if reason else ''}."
    return News(
        SYSTEM, owner_id, f"moderation:{thing_id}", title, text, event=_moment(thing_id), **_related(kind, thing_id)
    )


def _tell_of_standing(
    _sender: Any, *, user_id: ObjectId, status: str, until: datetime | None, reason: str | None
) -> None:
    """Tell of it; who is signed out finds it when they are back, or by mail if they asked for mail."""
    if status == ACTIVE:
        text = "You can use your account again."
    else:
        ends = f" until {until:%Y-%m-%d}" if until and status == SUSPENDED else ""
        text = f"Your account is {status}{ends}{f': {reason}' if reason else ''}."
    desk.take(News(SYSTEM, user_id, f"standing:{user_id}", "Your account", text, event=_moment(user_id)))


def _related(kind: str, thing_id: ObjectId) -> dict[str, Any]:
    return {"related_id": thing_id, "related_type": kind} if kind in RELATED_TYPES else {}


def _moment(thing_id: ObjectId) -> str:
    """Return the id of what happens now: about one thing it may happen again."""
    return f"{thing_id}:{clock.timestamp(clock.now())}"
