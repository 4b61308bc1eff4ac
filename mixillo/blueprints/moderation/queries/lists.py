"""Lists of reports, cases and strikes, and how many there are. Each names its index."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.comments.models import Comment
from mixillo.blueprints.moderation.models import (
    APPROVED,
    IN_REVIEW,
    NEWEST,
    OPEN_REPORTS,
    PENDING,
    PRIORITIES,
    REJECTED,
    REMOVED,
    Case,
    Report,
    Strike,
)
from mixillo.blueprints.moderation.queries import shapes
from mixillo.blueprints.users.models import BANNED, SUSPENDED, User
from mixillo.core.pagination import Sort, paginate
from mixillo.core.security import Viewer

Document = dict[str, Any]
Page = tuple[list[Document], Document]
ALL = "all"
# The most urgent first, and of these the one that waits longest.
URGENT: Sort = [("rank", -1), ("createdAt", 1), ("_id", 1)]


def queue(query: Document) -> Page:
    """Return a page of cases and its ``pagination``: the pending ones unless ``status`` says otherwise."""
    where: Document = {} if query["status"] == ALL else {"status": query["status"]}
    if "priority" in query:
        where["rank"] = PRIORITIES.index(query["priority"])
    if "contentType" in query:
        where["contentType"] = query["contentType"]
    index = "urgent" if query["status"] == ALL else "queue"
    found, pagination = paginate(
        Case.collection(), where, query, sort=URGENT, projection=shapes.fields(shapes.CASE) | {"rank": 1}, hint=index
    )
    return shapes.cases(found), pagination


def case(case_id: ObjectId) -> Document | None:
    """Return a case with its reports beside it; ``None`` where there is none of this id."""
    found = Case.collection().find_one({"_id": case_id})
    return shapes.cases([found])[0] if found else None


def reports(query: Document) -> Page:
    """Return a page of reports, the newest first, and its ``pagination``; ``status`` and ``type`` narrow it down."""
    where: Document = {} if query["status"] == ALL else {"status": query["status"]}
    if "type" in query:
        where["reportedType"] = query["type"]
    for name in ("reportedId", "reportedUserId"):
        if name in query:
            where[name] = query[name]
    found, pagination = paginate(
        Report.collection(), where, query, sort=NEWEST, projection=shapes.fields(shapes.REPORT), hint=_index(query)
    )
    return shapes.reports(found), pagination


def own_reports(viewer: Viewer, query: Document) -> Page:
    """Return a page of the reports that ``viewer`` made, the newest first, and its ``pagination``."""
    found, pagination = paginate(
        Report.collection(),
        {"reporterId": viewer.id},
        query,
        sort=NEWEST,
        projection=shapes.fields(shapes.OWN_REPORT),
        hint="reporter_newest",
    )
    return shapes.own_reports(found), pagination


def strikes(query: Document) -> Page:
    """Return a page of strikes, the newest first, and its ``pagination``; ``userId``, ``isActive`` narrow it down."""
    where: Document = {name: query[name] for name in ("userId", "isActive") if name in query}
    index = "user_newest" if "userId" in query else "newest"
    found, pagination = paginate(Strike.collection(), where, query, sort=NEWEST, hint=index)
    return shapes.strikes(found), pagination


def own_strikes(viewer: Viewer, query: Document) -> Page:
    """Return a page of the strikes against ``viewer``, the newest first, and its ``pagination``."""
    found, pagination = paginate(Strike.collection(), {"userId": viewer.id}, query, sort=NEWEST, hint="user_newest")
    return shapes.own_strikes(found), pagination


def statistics() -> dict[str, int]:
    """Return how many cases there are by status, and how much there is besides that somebody should look at."""
    cases, users = Case.collection(), User.collection()
    return {
        "pending": cases.count_documents({"status": PENDING}),
        "inReview": cases.count_documents({"status": IN_REVIEW}),
        "flagged": cases.count_documents({"status": {"$in": [PENDING, IN_REVIEW]}, "rank": {"$gte": 2}}),
        "approved": cases.count_documents({"status": APPROVED}),
        "rejected": cases.count_documents({"status": {"$in": [REJECTED, REMOVED]}}),
        "totalReports": Report.collection().estimated_document_count(),
        "pendingReports": Report.collection().count_documents({"status": {"$in": [*OPEN_REPORTS]}}),
        "pendingComments": Comment.collection().count_documents({"status": PENDING}),
        "activeStrikes": Strike.collection().count_documents({"isActive": True}),
        "suspendedUsers": users.count_documents({"status": SUSPENDED}),
        "bannedUsers": users.count_documents({"status": BANNED}),
    }


def _index(query: Document) -> str:
    for name, index in (("reportedId", "thing_newest"), ("reportedUserId", "person_newest")):
        if name in query:
            return index
    return "newest" if query["status"] == ALL else "status_newest"
