"""Reporting: one open report per person and thing, counted into its case and into the thing.

Reports alone take nothing away: else some accounts together could silence anybody. They only order the queue.
"""

from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.moderation.models import COMMENT, CONTENT, OPEN_REPORTS, PENDING, PRIORITIES, Case, Report
from mixillo.blueprints.moderation.queries import subjects
from mixillo.core import clock
from mixillo.core.db import database, transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict

Document = dict[str, Any]
# Sent after the commit, with the stored ``report``.
reported = Signal()
# How urgent a case is because of its worst reason (0 unless told) …
WORST = {"violence": 2, "hate_speech": 2, "nudity": 2, "harassment": 1, "scam": 1}
# … and so much more with so many reports.
MORE_FROM = ((10, 2), (3, 1))
MOST_REPORTERS = 100
COUNTED = {CONTENT: "contents", COMMENT: "comments"}


class OwnThing(Conflict):
    """Nobody reports themselves."""

    code, title = "own_thing", "This is your own"


class AlreadyReported(Conflict):
    """The viewer's report of it waits to be looked at."""

    code, title = "already_reported", "You have reported this"


def report(reporter: Viewer, kind: str, thing_id: ObjectId, fields: Document, report_id: ObjectId) -> Document:
    """Report a thing and return the stored report; ``report_id`` makes repeating this harmless.

    :raises NotFound: there is no such thing for the reporter.
    :raises OwnThing: it is the reporter's own.
    :raises AlreadyReported: a report of theirs is still open.
    """
    if known := Report.collection().find_one({"_id": report_id, "reporterId": reporter.id}):
        return known
    thing = subjects.find(kind, thing_id, reporter)
    if thing["ownerId"] == reporter.id:
        raise OwnThing("You cannot report what is yours.")
    made = Report(id=report_id, reporterId=reporter.id, reportedType=kind, reportedId=thing_id, **fields)
    document = made.to_mongo().to_dict() | {"reportedUserId": thing["ownerId"]}

    def work(session: ClientSession) -> None:
        mine = {"reporterId": reporter.id, "reportedType": kind, "reportedId": thing_id}
        waiting = mine | {"status": {"$in": [*OPEN_REPORTS]}}
        if Report.collection().find_one(waiting, {"_id": 1}, session=session):
            raise AlreadyReported("Somebody will look at it.")
        _into_case(document, session)
        Report.collection().insert_one(document, session=session)
        if kind in COUNTED:
            counted = {"$inc": {"reportCount": 1}} | ({"$set": {"isReported": True}} if kind == COMMENT else {})
            database()[COUNTED[kind]].update_one({"_id": thing_id}, counted, session=session)

    try:
        transact(work, turns_of=[thing_id])
    except DuplicateKeyError:  # the same request, at the same time
        return Report.collection().find_one({"_id": report_id}) or document
    reported.send(report=document)
    return document


def priority(reasons: list[str], count: int) -> int:
    """Return how urgent a case is: the place among ``PRIORITIES``."""
    worst = max((WORST.get(reason, 0) for reason in reasons), default=0)
    more = next((step for least, step in MORE_FROM if count >= least), 0)
    return min(worst + more, len(PRIORITIES) - 1)


def _into_case(report: Document, session: ClientSession) -> None:
    """Count a report into the open case of its thing, or open one; the index settles which of two is first."""
    now = clock.now()
    thing = {"contentType": report["reportedType"], "contentId": report["reportedId"], "isOpen": True}
    new = Case(ownerId=report["reportedUserId"], **thing).to_mongo().to_dict()
    for name in (*thing, "reportedBy", "reportCount", "reasons", "priority", "rank", "updatedAt"):
        new.pop(name, None)
    counted = {
        "$inc": {"reportCount": 1},
        "$push": {"reportedBy": {"$each": [report["reporterId"]], "$slice": -MOST_REPORTERS}},
        "$addToSet": {"reasons": report["reason"]},
        "$set": {"updatedAt": now},
        "$setOnInsert": new | {"status": PENDING},
    }
    cases = Case.collection()
    case: Document = cases.find_one_and_update(  # type: ignore[assignment]  # made where it was not there
        thing, counted, upsert=True, return_document=ReturnDocument.AFTER, session=session
    )
    rank = priority(case["reasons"], case["reportCount"])
    urgency = {"rank": rank, "priority": PRIORITIES[rank]}
    cases.update_one({"_id": case["_id"]}, {"$set": urgency}, session=session)
