"""Taking away what was decided on, or letting it stay."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.comments import models as comment_states
from mixillo.blueprints.comments.queries.sight import CommentNotFound
from mixillo.blueprints.comments.services import judging as comments
from mixillo.blueprints.content import models as post_states
from mixillo.blueprints.content.services import judging as posts
from mixillo.blueprints.messaging.services import deleting as messages
from mixillo.blueprints.moderation.models import COMMENT, CONTENT, CONTENT_REMOVED, MESSAGE, NONE, PRODUCT, WARNING
from mixillo.blueprints.products import models as product_states
from mixillo.blueprints.products.services import moderating as products
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

Tell = Callable[[], Any]
REMOVABLE = (CONTENT, COMMENT, PRODUCT, MESSAGE)


@dataclass(frozen=True)
class Decision:
    """What is done: one of ``ACTIONS``, why, what to remember, and how many days a suspension lasts."""

    action: str
    reason: str | None = None
    notes: str | None = None
    days: int | None = None


class NotRemovable(Conflict):
    """Things of this kind are not taken away here."""

    code, title = "not_removable", "This cannot be taken away here"


def check(kind: str, decision: Decision) -> None:
    """Refuse to take away what cannot be.

    :raises NotRemovable: so it is.
    """
    if decision.action == CONTENT_REMOVED and kind not in REMOVABLE:
        raise NotRemovable("Warn its owner, or suspend or ban them.")


def put(admin: Viewer, kind: str, thing_id: ObjectId, decision: Decision, session: ClientSession) -> Tell | None:
    """Within a transaction, take a thing away, or let it stay; a warning leaves it as it is.

    Return what has to be called after the commit, if anything.
    """
    if decision.action == WARNING or kind not in REMOVABLE:
        return None
    stays = decision.action == NONE
    if kind == CONTENT:
        posts.put(admin, thing_id, post_states.ACTIVE if stays else post_states.REMOVED, decision.reason, session)
    elif kind == COMMENT:
        return _put_comment(admin, thing_id, comment_states.APPROVED if stays else comment_states.BLOCKED, session)
    elif kind == MESSAGE and not stays:
        return _take_back(admin, thing_id, session)
    elif kind == PRODUCT and not stays:
        return _reject_product(admin, thing_id, decision.reason or "It breaks the rules.", session)
    return None


def _put_comment(admin: Viewer, comment_id: ObjectId, status: str, session: ClientSession) -> Tell | None:
    with suppress(CommentNotFound):  # removed meanwhile
        before, after = comments.put(admin, comment_id, status, session)
        return lambda: comments.told_of(before, after)
    return None


def _take_back(admin: Viewer, message_id: ObjectId, session: ClientSession) -> Tell:
    message = messages.stored(message_id, session)
    rows = messages.put(admin.id, message_id, session)
    return lambda: messages.tell(message, rows)


def _reject_product(admin: Viewer, product_id: ObjectId, reason: str, session: ClientSession) -> Tell:
    before = products.put(admin, product_id, product_states.REJECTED, reason, session)
    return lambda: products.tell(before, product_states.REJECTED, reason)
