"""How what the probe's people have reported and decided goes with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.moderation.models import Case, Report, Strike
from mixillo.blueprints.moderation.services.reporting import COUNTED
from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's users from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove their reports, the cases that only these have opened, and strikes from and against them."""
    theirs = {"$in": user_ids}
    reports, cases = database[Report.collection().name], database[Case.collection().name]
    about = list(reports.find({"reporterId": theirs}, {"reportedType": 1, "reportedId": 1}))
    reports.delete_many({"$or": [{"reporterId": theirs}, {"reportedUserId": theirs}]})
    for report in about:
        if counted := COUNTED.get(report["reportedType"]):
            database[counted].update_one({"_id": report["reportedId"]}, {"$inc": {"reportCount": -1}})
        cases.update_one(
            {"contentType": report["reportedType"], "contentId": report["reportedId"], "reportedBy": theirs},
            {"$inc": {"reportCount": -1}, "$pull": {"reportedBy": theirs}},
        )
    cases.delete_many({"$or": [{"ownerId": theirs}, {"reportCount": {"$lte": 0}}]})
    database[Strike.collection().name].delete_many({"$or": [{"userId": theirs}, {"issuedBy": theirs}]})
