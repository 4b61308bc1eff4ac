"""Deciding about things: they stay, or they go, and what that means for whose they are.

The thing, its case, its reports, the strike, the account's standing and the audit log change together or not at all. A
decision that is repeated finds the first one and changes nothing; another one is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.moderation.models import (
    APPROVED,
    DISMISSED,
    IN_REVIEW,
    NONE,
    OLDEST,
    OPEN_REPORTS,
    PENDING,
    REJECTED,
    REMOVED,
    RESOLVED,
    UNDER_REVIEW,
    WARNING,
    Case,
    Report,
)
from mixillo.blueprints.moderation.queries import subjects
from mixillo.blueprints.moderation.services import punishing, removing
from mixillo.blueprints.moderation.services.removing import Decision
from mixillo.blueprints.moderation.services.standing import Outcome, actor
from mixillo.core import audit_log, clock
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import AppError, Conflict, NotFound

Document = dict[str, Any]
# Sent after the commit with ``kind``, ``thing_id``, ``owner_id`` (or None), ``action`` (one of ``ACTIONS``), ``reason``
# and the ``reporter_ids`` of the reports that were closed; notifications listen.
decided = Signal()


class CaseNotFound(NotFound):
    """There is no such case."""

    code, title = "case_not_found", "There is no such case"


class ReportNotFound(NotFound):
    """There is no such report."""

    code, title = "report_not_found", "There is no such report"


class AlreadyDecided(Conflict):
    """It was decided otherwise."""

    code, title = "already_decided", "It was decided before"


class NobodysThing(Conflict):
    """There is nobody to warn, suspend or ban."""

    code, title = "nobodys_thing", "Its owner is gone"


@dataclass
class Done:
    """What came of a decision, for those who are told after the commit."""

    reporters: list[ObjectId]
    owner_id: ObjectId | None
    account: Outcome | None = None
    tell: Callable[[], None] | None = None


def decide_case(admin: Viewer, case_id: ObjectId, decision: Decision) -> Document:
    """Decide a case and return it.

    :raises CaseNotFound: there is none of this id.
    :raises AlreadyDecided: it was decided otherwise.
    :raises AppError: as :func:`decide`.
    """
    case = Case.collection().find_one({"_id": case_id})
    if case is None:
        raise CaseNotFound
    if _is_open(case):
        decide(admin, case["contentType"], case["contentId"], decision, case_id=case_id)
    elif case.get("actionTaken") != decision.action:
        raise AlreadyDecided(f"It was decided before: {case.get('actionTaken') or case['status']}.")
    return Case.collection().find_one({"_id": case_id}) or case


def resolve(admin: Viewer, report_id: ObjectId, decision: Decision) -> Document:
    """Decide about what was reported, which answers all its open reports, and return this one.

    :raises ReportNotFound: there is none of this id.
    :raises AlreadyDecided: it was decided otherwise.
    :raises AppError: as :func:`decide`.
    """
    report = Report.collection().find_one({"_id": report_id})
    if report is None:
        raise ReportNotFound
    if report["status"] in OPEN_REPORTS:
        reasoned = decision if decision.reason else replace(decision, reason=report["reason"])
        decide(admin, report["reportedType"], report["reportedId"], reasoned)
    elif report.get("actionTaken", NONE) != decision.action:
        raise AlreadyDecided(f"It was decided before: {report.get('actionTaken')}.")
    return Report.collection().find_one({"_id": report_id}) or report


def decide(
    admin: Viewer, kind: str, thing_id: ObjectId, decision: Decision, *, case_id: ObjectId | None = None
) -> None:
    """Decide about a thing, reported or not; with ``case_id`` only while that case is open.

    ``none`` lets it stay, or brings it back. All others give its owner a strike, and take it away unless they only
    warn.

    :raises NotFound: it is gone, and ``none`` or ``content_removed`` is of no use.
    :raises AlreadyDecided: the case was decided at the same moment.
    :raises NotRemovable: it is to be taken away and cannot be.
    :raises NobodysThing: there is nobody to be warned, suspended or banned.
    :raises AboveYou: its owner is an administrator, and only superadmins may do this to them.
    """
    removing.check(kind, decision)
    done = transact(lambda session: _decided(admin, kind, thing_id, decision, case_id, session), turns_of=[thing_id])
    if done.account:
        done.account.tell()
    if done.tell:
        done.tell()
    decided.send(
        kind=kind, thing_id=thing_id, owner_id=done.owner_id, action=decision.action, reason=decision.reason,
        reporter_ids=done.reporters,
    )  # fmt: skip


def decide_all(admin: Viewer, case_ids: list[ObjectId], decision: Decision) -> tuple[list[ObjectId], list[Document]]:
    """Decide many cases alike; return which were, and of the others ``{caseId, code}``."""
    done, failed = [], []
    for case_id in dict.fromkeys(case_ids):
        try:
            decide_case(admin, case_id, decision)
        except AppError as error:
            failed.append({"caseId": case_id, "code": error.code})
        else:
            done.append(case_id)
    return done, failed


def take(admin: Viewer, case_id: ObjectId) -> Document:
    """Let others see that one looks at a case, and return it; whoever took it before gives it up.

    :raises CaseNotFound: there is none of this id.
    :raises AlreadyDecided: it is closed.
    """

    def work(session: ClientSession) -> Document:
        now = clock.now()
        taken = {"status": IN_REVIEW, "assignedTo": admin.id, "updatedAt": now}
        still = {"_id": case_id, "status": {"$in": [PENDING, IN_REVIEW]}}
        case: Document | None = Case.collection().find_one_and_update(still, {"$set": taken}, session=session)
        if case is None:
            raise AlreadyDecided if Case.collection().find_one({"_id": case_id}, {"_id": 1}) else CaseNotFound
        about = {"reportedType": case["contentType"], "reportedId": case["contentId"], "status": PENDING}
        seen = {"$set": {"status": UNDER_REVIEW, "updatedAt": now}}
        Report.collection().update_many(about, seen, session=session)
        had = {name: case.get(name) for name in ("status", "assignedTo")}
        _record("moderation.case_taken", admin, case_id, had, {"status": IN_REVIEW, "assignedTo": admin.id}, session)
        return case | taken

    return transact(work)


def _decided(
    admin: Viewer, kind: str, thing_id: ObjectId, decision: Decision, case_id: ObjectId | None, session: ClientSession
) -> Done:
    owner_id = subjects.owner(kind, thing_id)
    if owner_id is None and decision.action in punishing.NEED_SOMEBODY:
        raise NobodysThing
    blamed = _close(admin, kind, thing_id, decision, case_id, session)
    done = Done(blamed.pop("reporters"), owner_id)
    if owner_id:
        done.tell = removing.put(admin, kind, thing_id, decision, session)
    if owner_id and decision.action != NONE:
        reason = decision.reason or next(iter(blamed["reported"]), "other")
        done.account = punishing.punish(admin, owner_id, decision, reason, (kind, thing_id), session)
    return done


def _close(
    admin: Viewer, kind: str, thing_id: ObjectId, decision: Decision, case_id: ObjectId | None, session: ClientSession
) -> Document:
    """Close the open case and reports of a thing; return who ``reporters`` are and for which ``reported`` reasons."""
    now = clock.now()
    by = {"reviewedBy": admin.id, "reviewedAt": now, "reviewNotes": decision.notes, "updatedAt": now}
    said = by | {"actionTaken": decision.action}
    about = {"reportedType": kind, "reportedId": thing_id, "status": {"$in": [*OPEN_REPORTS]}}
    waiting = list(Report.collection().find(about, {"reporterId": 1, "reason": 1}, sort=OLDEST, session=session))
    answered = {"$set": said | {"status": DISMISSED if decision.action == NONE else RESOLVED}}
    Report.collection().update_many(about, answered, session=session)
    still: Document = {"contentType": kind, "contentId": thing_id, "isOpen": True}
    closed = {"$set": said | {"isOpen": False, "status": _status(kind, decision), "assignedTo": admin.id}}
    case = Case.collection().find_one_and_update(still, closed, session=session)
    if case_id and (case is None or case["_id"] != case_id):
        raise AlreadyDecided
    had = {"status": case["status"], "reportCount": case["reportCount"]} if case else {}
    after = {"action": decision.action, "reason": decision.reason, "kind": kind}
    _record("moderation.decided", admin, thing_id, had, after, session, target=subjects.KINDS[kind].collection)
    reporters = list(dict.fromkeys(report["reporterId"] for report in waiting))
    return {"reporters": reporters, "reported": [report["reason"] for report in waiting]}


def _status(kind: str, decision: Decision) -> str:
    if decision.action == NONE:
        return APPROVED
    return REMOVED if decision.action != WARNING and kind in removing.REMOVABLE else REJECTED


def _is_open(case: Document) -> bool:
    return bool(case.get("isOpen"))


def _record(
    action: str,
    admin: Viewer,
    target_id: ObjectId,
    before: Document,
    after: Document,
    session: ClientSession,
    target: str = "moderationqueues",
) -> None:
    audit_log.record(
        action,
        actor=actor(admin),
        target=target,
        target_id=target_id,
        changes={"before": before, "after": after},
        session=session,
    )
