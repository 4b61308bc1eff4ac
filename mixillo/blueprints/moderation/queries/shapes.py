"""Reports, cases and strikes as the API shows them."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.moderation.models import MODERATE, NONE, PENDING
from mixillo.blueprints.moderation.queries import subjects
from mixillo.blueprints.users.models import User
from mixillo.blueprints.users.queries.people import SUMMARY

Document = dict[str, Any]
# Projections and defaults in one: documents of the existing database lack fields that were added later.
# What a reporter is shown of a report of theirs …
OWN_REPORT: Document = {
    "reporterId": None, "reportedType": None, "reportedId": None, "reason": "other", "description": None,
    "screenshots": [], "status": PENDING, "createdAt": None, "updatedAt": None,
}  # fmt: skip
# … and administrators besides.
REPORT: Document = OWN_REPORT | {
    "reportedUserId": None, "reviewedBy": None, "reviewedAt": None, "reviewNotes": None, "actionTaken": NONE,
}  # fmt: skip
CASE: Document = {
    "contentType": None, "contentId": None, "ownerId": None, "reportedBy": [], "reportCount": 1, "reasons": [],
    "priority": "medium", "status": PENDING, "assignedTo": None, "reviewNotes": None, "actionTaken": None,
    "reviewedBy": None, "reviewedAt": None, "createdAt": None, "updatedAt": None,
}  # fmt: skip
STRIKE: Document = {
    "userId": None, "reason": "other", "description": None, "severity": MODERATE, "relatedContentId": None,
    "relatedContentType": None, "issuedBy": None, "expiresAt": None, "isActive": True, "createdAt": None,
}  # fmt: skip


def fields(shape: Document) -> Document:
    """Return the projection of ``shape``."""
    return dict.fromkeys(shape, 1)


def own_reports(reports: list[Document]) -> list[Document]:
    """Return stored reports as the person is shown them who made them."""
    return [_shown(report, OWN_REPORT) for report in reports]


def reports(found: list[Document]) -> list[Document]:
    """Return stored reports as administrators are shown them, with who and what they are about."""
    people = _people(report.get(name) for report in found for name in ("reporterId", "reportedUserId"))
    things = subjects.named((report["reportedType"], report["reportedId"]) for report in found)
    return [
        _shown(report, REPORT)
        | {
            "reporter": people.get(report.get("reporterId")),
            "reportedUser": people.get(report.get("reportedUserId")),
            "subject": things.get((report["reportedType"], report["reportedId"])),
        }
        for report in found
    ]


def cases(found: list[Document]) -> list[Document]:
    """Return stored cases as administrators are shown them, with what they are about and whose it is."""
    things = subjects.named((case["contentType"], case["contentId"]) for case in found)
    about = [things.get((case["contentType"], case["contentId"])) for case in found]
    owners = [thing["ownerId"] if thing else case.get("ownerId") for case, thing in zip(found, about, strict=True)]
    people = _people(owners)
    return [
        _shown(case, CASE) | {"ownerId": owner, "owner": people.get(owner), "subject": thing}
        for case, thing, owner in zip(found, about, owners, strict=True)
    ]


def strikes(found: list[Document]) -> list[Document]:
    """Return stored strikes with whom they are against."""
    people = _people(strike.get("userId") for strike in found)
    return [_shown(strike, STRIKE) | {"user": people.get(strike.get("userId"))} for strike in found]


def own_strikes(found: list[Document]) -> list[Document]:
    """Return stored strikes as the person is shown them whom they are against: not who gave them."""
    return [{name: value for name, value in _shown(each, STRIKE).items() if name != "issuedBy"} for each in found]


def _people(user_ids: Any) -> dict[ObjectId | None, Document]:
    """Return the short forms of people, whatever their status, by id."""
    wanted = list({each for each in user_ids if each})
    found = User.collection().find({"_id": {"$in": wanted}}, list(SUMMARY))
    return {user["_id"]: {**SUMMARY, **user} for user in found}


def _shown(stored: Document, shape: Document) -> Document:
    made = {name: stored.get(name, default) for name, default in shape.items()}
    return made | {"_id": stored["_id"], "id": stored["_id"]}
