"""The figures of the database are the figures of its documents."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import bson
import pytest
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops import database as module
from mixillo.ops.database import DatabaseStats, recount, statistics


def test_every_collection_is_counted_and_measured(database: Database) -> None:
    documents = [{"_id": number, "text": "x" * number} for number in range(50)]
    database["many"].insert_many(documents)
    database["many"].create_index("text")
    database.create_collection("empty")
    found = statistics(database)
    many = next(c for c in found.collections if c.name == "many")
    assert (many.documents, many.indexes, many.estimated) == (50, 2, False)
    assert many.size_bytes == sum(len(bson.encode(document)) for document in documents)
    assert many.average_bytes == round(many.size_bytes / 50)
    assert [c.name for c in found.collections] == ["empty", "many"]
    assert found.as_dict() | {"storageBytes": 0, "indexBytes": 0} == {
        "database": database.name, "serverVersion": found.server_version, "collections": 2, "documents": 50,
        "sizeBytes": many.size_bytes, "storageBytes": 0, "indexes": 3, "indexBytes": 0,
    }  # fmt: skip


def test_an_empty_database_has_figures_too(database: Database) -> None:
    found = statistics(database)
    assert found.as_dict()["collections"] == 0
    assert found.top() == []


def test_views_and_the_servers_own_collections_are_left_out(database: Database) -> None:
    database["orders"].insert_one({"paid": True})
    database.create_collection("paid", viewOn="orders", pipeline=[{"$match": {"paid": True}}])
    database.create_collection("samples", timeseries={"timeField": "at"})
    database["samples"].insert_many([{"at": datetime(2025, 11, 14) + timedelta(hours=hour)} for hour in range(3)])  # noqa: DTZ001  stored as UTC
    assert {c.name: c.documents for c in statistics(database).collections} == {"orders": 1, "samples": 3}


def test_large_collections_are_estimated_and_say_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COUNTED_UP_TO", 10)
    database["large"].insert_many([{} for _ in range(11)])
    database["small"].insert_many([{} for _ in range(10)])
    large, small = statistics(database).collections
    assert (large.documents, large.estimated) == (11, True)
    assert (small.documents, small.estimated) == (10, False)


def test_collections_that_vanish_while_they_are_looked_at_are_left_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database["there"].insert_one({})
    names = module._names
    monkeypatch.setattr(module, "_names", lambda asked: [*names(asked), "vanished"])
    assert {c.name: c.documents for c in statistics(database).collections} == {"there": 1}
    assert module._union(database, ["vanished"], lambda _name: module.STORAGE) == []


def test_hundreds_of_collections_are_asked_for_in_few_requests(database: Database) -> None:
    for number in range(30):
        database.create_collection(f"c{number:03}")
    database["c007"].insert_one({})
    assert len(list(module._batches([f"c{n}" for n in range(1_000)]))) == 10
    found = statistics(database)
    assert (len(found.collections), found.documents) == (30, 1)
    assert found.top(1)[0].name == "c007"


def test_recounting_shows_every_change_without_scanning(database: Database) -> None:
    database["grown"].insert_many([{"text": "x" * 100} for _ in range(20)])
    database["gone"].insert_one({})
    database.create_collection("samples", timeseries={"timeField": "at"})
    before = statistics(database)
    database["grown"].insert_many([{} for _ in range(5)])
    database["grown"].delete_many({"text": {"$exists": True}})
    database.drop_collection("gone")
    database["new"].insert_many([{"text": "x" * 100} for _ in range(3)])
    database.command({"profile": 2})
    after = recount(database, before)
    database.command({"profile": 0})
    asked = list(database["system.profile"].find({"op": "command", "command.aggregate": {"$exists": True}}))
    database.drop_collection("system.profile")
    assert {c.name: c.documents for c in after.collections} == {"grown": 5, "new": 3, "samples": 0}
    assert next(c for c in after.collections if c.name == "new").size_bytes > 300
    assert asked
    assert sum(each.get("docsExamined", 0) for each in asked) == 0


def test_recounting_corrects_a_running_figure_that_is_wrong(database: Database) -> None:
    database["things"].insert_many([{} for _ in range(4)])
    (true,) = statistics(database).collections
    wrong = replace(true, documents=4, drift=-2)  # as if the server said 6, which it does after it was killed
    database["things"].insert_many([{} for _ in range(2)])
    (now,) = recount(database, DatabaseStats(database.name, "", clock.now(), (wrong,))).collections
    assert now.documents == 4


def test_a_collection_that_is_written_to_while_it_is_counted_is_estimated(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database["busy"].insert_many([{} for _ in range(3)])
    counting = module._counting

    def write_meanwhile(name: str) -> list[dict[str, Any]]:
        database["busy"].insert_one({})
        return counting(name)

    monkeypatch.setattr(module, "_counting", write_meanwhile)
    (busy,) = statistics(database).collections
    assert busy.estimated
    monkeypatch.undo()
    (after,) = recount(database, DatabaseStats(database.name, "", clock.now(), (busy,))).collections
    assert after.documents == 4
