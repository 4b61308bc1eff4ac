"""What decisions mean for people: a strike with each, suspension and ban."""

from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.moderation.models import (
    BANNED,
    CONTENT_REMOVED,
    CRITICAL,
    MAJOR,
    MINOR,
    MODERATE,
    SUSPENDED,
    WARNING,
)
from mixillo.blueprints.moderation.services import standing, striking
from mixillo.blueprints.moderation.services.removing import Decision
from mixillo.blueprints.moderation.services.standing import Outcome
from mixillo.blueprints.users import models as accounts
from mixillo.blueprints.users.queries import people
from mixillo.core import clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer

Document = dict[str, Any]
SEVERITY = {WARNING: MINOR, CONTENT_REMOVED: MODERATE, SUSPENDED: MAJOR, BANNED: CRITICAL}
ACCOUNTS = {SUSPENDED: accounts.SUSPENDED, BANNED: accounts.BANNED}
OF_STATUS = {status: SEVERITY[action] for action, status in ACCOUNTS.items()}
NEED_SOMEBODY = (WARNING, *ACCOUNTS)
# What somebody is blamed for because of what was reported.
BLAMED = {"spam": "spam", "scam": "spam", "harassment": "harassment", "hate_speech": "harassment",
          "copyright": "copyright", "nudity": "inappropriate_content", "violence": "inappropriate_content",
          "inappropriate": "inappropriate_content", "false_info": "terms_violation"}  # fmt: skip


def punish(
    admin: Viewer,
    user_id: ObjectId,
    decision: Decision,
    reason: str,
    about: tuple[str, ObjectId],
    session: ClientSession,
) -> Outcome:
    """Within a transaction, let somebody bear what was decided ``about`` a thing of theirs (its kind and id).

    :raises AppError: as :func:`~mixillo.blueprints.moderation.services.standing.check`.
    """
    kind, thing_id = about
    fields = {
        "reason": BLAMED.get(reason, reason),
        "severity": SEVERITY[decision.action],
        "relatedContentId": thing_id,
        "relatedContentType": kind,
    }
    if decision.action in ACCOUNTS:
        outcome = standing.put(admin, user_id, ACCOUNTS[decision.action], reason, _until(decision.days), session)
        striking.insert(admin, user_id, fields, session)
        return outcome
    standing.check(admin, user_id, session)
    striking.insert(admin, user_id, fields, session)
    return striking.suspend_if_due(admin, user_id, session)


def set_status(admin: Viewer, user_id: ObjectId, status: str, reason: str | None, days: int | None) -> Document:
    """Ban or suspend somebody, with a strike, or let them in again; return the account.

    Setting the same status again changes nothing but how long a suspension lasts.

    :raises UserNotFound: there is no such person.
    :raises OwnAccount: it is the administrator's own.
    :raises AboveYou: it is an administrator's, and only superadmins may do this to them.
    """

    def work(session: ClientSession) -> Outcome:
        outcome = standing.put(admin, user_id, status, reason, _until(days), session)
        if outcome.status in OF_STATUS:
            fields = {"reason": BLAMED.get(reason or "", reason or "other"), "severity": OF_STATUS[outcome.status]}
            striking.insert(admin, user_id, fields, session)
        return outcome

    transact(work).tell()
    return people.own(user_id)


def _until(days: int | None) -> datetime:
    return clock.now() + (timedelta(days=days) if days else standing.SUSPENSION)
