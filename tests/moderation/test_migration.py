"""What the existing system has of cases and reports gets its place in the queue, once; again changes nothing."""

from importlib import import_module

import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.core import clock
from mixillo.ops import migrations

(NAME,) = [each.name for each in migrations.discover() if each.name.partition("_")[2] == "moderation"]


def test_old_cases_get_their_place_and_reports_without_one_get_a_case(database: Database) -> None:
    thing, reported, now = ObjectId(), ObjectId(), clock.now()
    case = {"contentType": "content", "contentId": thing, "priority": "high", "createdAt": now}
    cases, reports = database["moderationqueues"], database["reports"]
    cases.insert_many([case | {"status": "approved"}, case | {"status": "pending"}, case | {"status": "in_review"}])
    report = {"reportedType": "comment", "reportedId": reported, "reason": "spam", "createdAt": now}
    reports.insert_many([report | {"status": "pending", "reporterId": ObjectId()} for _ in range(2)])
    reports.insert_one(report | {"status": "resolved", "reportedType": "user"})
    module = import_module(f"migrations.{NAME}")
    for _ in range(2):
        module.upgrade(database, database.client[f"{database.name}_ops"])
        assert cases.count_documents({"contentId": thing, "isOpen": True}) == 1
        assert cases.count_documents({"contentId": thing, "rank": 2}) == 3
        opened = cases.find_one({"contentId": reported})
        assert (opened["reportCount"], opened["rank"], opened["isOpen"]) == (2, 1, True)
        assert cases.count_documents({}) == 4
    with pytest.raises(DuplicateKeyError):  # two instances that open a case at once find out here
        cases.insert_one(case | {"status": "pending", "isOpen": True})
    module.downgrade(database, database.client[f"{database.name}_ops"])
    assert list(cases.index_information()) == ["_id_"]
