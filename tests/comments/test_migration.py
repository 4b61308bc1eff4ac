"""What the existing system has left among comments is put in order, once; again changes nothing."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.core import clock
from mixillo.ops import migrations
from tests.factories.comments import counters_equal_rows

(NAME,) = [each.name for each in migrations.discover() if each.name.partition("_")[2] == "comments"]


def test_old_comments_get_a_status_one_level_and_right_counters(database: Database) -> None:
    post, at = ObjectId(), clock.now().replace(microsecond=0)
    database["contents"].insert_many([{"_id": post, "commentsCount": 99}, {"commentsCount": 5}])

    def old(minutes: int, **fields: Any) -> ObjectId:
        row = {"contentId": post, "createdAt": at + timedelta(minutes=minutes), "text": "x", "repliesCount": 7}
        return database["comments"].insert_one(row | fields).inserted_id

    top = old(0, isPinned=True)
    child = old(1, parentId=top)
    deep = old(2, parentId=old(3, parentId=child))
    hidden, later = old(4, isHidden=True, isPinned=True), old(5, isPinned=True)
    removed = old(6, deletedAt=at, parentId=top)
    module = import_module(f"migrations.{NAME}")
    for _ in range(2):
        module.upgrade(database, database.client[f"{database.name}_ops"])
        stored = {row["_id"]: row for row in database["comments"].find()}
        assert {stored[each]["parentId"] for each in (child, deep)} == {top}
        assert stored[deep]["replyToId"]
        assert [stored[each]["status"] for each in (top, hidden, removed)] == ["approved", "blocked", "removed"]
        assert [each for each, row in stored.items() if row["isPinned"]] == [later]
        assert stored[top]["publishedAt"] == at
        assert database["contents"].find_one({"_id": post})["commentsCount"] == 5
        counters_equal_rows(database)
    with pytest.raises(DuplicateKeyError):  # two instances that pin at once find out here
        database["comments"].update_one({"_id": top}, {"$set": {"isPinned": True}})
    module.downgrade(database, database.client[f"{database.name}_ops"])
    assert list(database["comments"].index_information()) == ["_id_"]
