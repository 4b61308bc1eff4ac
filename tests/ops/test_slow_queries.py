"""Slow commands are remembered by their shape: no value leaves the process, and their number is bounded."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId, Regex
from flask import Flask
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure

from mixillo.config import Settings
from mixillo.ops import auditing, slow_queries
from mixillo.ops.database import recount, statistics
from mixillo.ops.mongod import Mongod
from mixillo.ops.slow_queries import ShapeNotFound, SlowQueries, hooks, listener, shape_of, store
from mixillo.ops.slow_queries.listener import Seen
from mixillo.ops.slow_queries.shapes import Shape

SECRET = "a-very-private-value"


def find(query: dict[str, Any], **more: Any) -> Shape:
    """Return the shape of a find."""
    shape = shape_of("find", {"find": "things", "filter": query, **more})
    assert shape is not None
    return shape


@pytest.mark.parametrize(
    ("query", "conditions"),
    [
        ({}, []),
        ({"a": SECRET}, [("a", "eq")]),
        ({"a": {"$eq": SECRET}, "b": {"$in": [SECRET]}}, [("a", "eq"), ("b", "in")]),
        ({"a": {"$gte": 1, "$lt": 2}}, [("a", "range")]),
        ({"a": {"b": SECRET}}, [("a", "eq")]),
        ({"a.b": None, "c": {}}, [("a.b", "eq"), ("c", "eq")]),
        ({"$and": [{"a": 1}, {"b": {"$ne": SECRET}}]}, [("a", "eq"), ("b", "ne")]),
        ({"$or": [{"a": SECRET}, {"b": 2}], "c": 1}, [("$or", "or"), ("c", "eq")]),
        ({"a": {"$regex": f"^{SECRET}"}}, [("a", "prefix")]),
        ({"a": {"$regex": f"^{SECRET}", "$options": "i"}}, [("a", "regex")]),
        ({"a": re.compile(SECRET)}, [("a", "regex")]),
        ({"a": Regex(f"^{SECRET}")}, [("a", "prefix")]),
        ({"a": {"$exists": True}, "$text": {"$search": SECRET}}, [("$text", "text"), ("a", "exists")]),
        ({f"seen.{ObjectId()}.at": 1, "list.3.x": 1}, [("list.*.x", "eq"), ("seen.*.at", "eq")]),
        ({"$expr": {"$eq": ["$a", SECRET]}}, [("$expr", "expr")]),
        ({"a": {"$weird": SECRET}}, [("a", "other")]),
    ],
)
def test_a_shape_tells_how_fields_are_compared_and_no_value(
    query: dict[str, Any], conditions: list[tuple[str, str]]
) -> None:
    shape = find(query)
    assert list(shape.conditions) == conditions
    assert SECRET not in repr(shape)


def test_shapes_are_those_of_every_searching_command() -> None:
    statement = {"q": {"a": 1}, "u": {"$set": {"b": SECRET}}}
    for name, command in {
        "find": {"filter": {"a": 1}},
        "aggregate": {"pipeline": [{"$match": {"a": 1}}, {"$group": {"_id": "$b"}}]},
        "count": {"query": {"a": 1}},
        "distinct": {"query": {"a": 1}, "key": "b"},
        "findAndModify": {"query": {"a": 1}},
        "update": {"updates": [statement]},
        "delete": {"deletes": [statement]},
    }.items():
        shape = shape_of(name, {name: "things", **command})
        assert shape == Shape("things", name, (("a", "eq"),), ())
    sorted_pipeline = [{"$match": {"a": 1}}, {"$match": {"b": {"$gt": 1}}}, {"$sort": {"c": -1}}, {"$match": {"d": 1}}]
    shape = shape_of("aggregate", {"aggregate": "things", "pipeline": sorted_pipeline})
    assert shape == Shape("things", "aggregate", (("a", "eq"), ("b", "range")), (("c", -1),))
    assert shape_of("insert", {"insert": "things"}) is None
    assert shape_of("aggregate", {"aggregate": 1, "pipeline": []}) is None
    assert find({"a": 1}, sort={"b": -1}).shown == "find things {a eq} sort b -1"


def test_an_index_is_suggested_by_equality_order_and_range() -> None:
    shape = find({"price": {"$gt": 1}, "status": "x", "owner": {"$in": [1]}, "bad": {"$ne": 1}}, sort={"at": -1})
    assert shape.suggestion() == (("owner", 1), ("status", 1), ("at", -1), ("price", 1))
    assert shape.served_by([("status", -1), ("owner", 1), ("at", 1), ("price", 1), ("more", 1)])
    assert shape.served_by([("status", 1), ("owner", 1), ("at", -1), ("price", -1)])
    for keys in (
        [("owner", 1), ("status", 1), ("at", -1)],
        [("owner", 1), ("at", -1), ("status", 1), ("price", 1)],
        [("at", -1), ("owner", 1), ("status", 1), ("price", 1)],
    ):
        assert not shape.served_by(keys)
    two_orders = find({"a": 1}, sort={"b": 1, "c": -1})
    assert two_orders.served_by([("a", 1), ("b", -1), ("c", 1)])
    assert not two_orders.served_by([("a", 1), ("b", 1), ("c", 1)])
    assert find({"a": 1}, sort={"a": 1, "b": 1}).suggestion() == (("a", 1), ("b", 1))
    assert find({"_id": 1, "a": 1}).suggestion() == ()
    assert find({"a": {"$ne": 1}, "b": re.compile("x")}).suggestion() == ()


@pytest.fixture
def watched(mongod: Mongod) -> Iterator[tuple[SlowQueries, Database]]:
    """A listener that takes every command for a slow one, and a database that it listens to."""
    slow = SlowQueries(threshold_ms=0)
    with MongoClient(mongod.uri, tz_aware=True, event_listeners=[slow]) as client:
        yield slow, client["mixillo_test_slow"]
        client.drop_database("mixillo_test_slow")


def test_commands_are_counted_by_shape_with_the_route(app: Flask, watched: tuple[SlowQueries, Database]) -> None:
    slow, database = watched
    with app.test_request_context("/health"):
        for value in (SECRET, 2, 3):
            database.things.find_one({"a": value})
    database.things.update_one({"b": SECRET}, {"$set": {"c": SECRET}})
    seen = {each.shape.operation: each for each in slow.take()}
    assert seen["find"].count == 3
    assert seen["find"].routes == {"GET /health"}
    assert seen["find"].max_ms <= seen["find"].total_ms
    assert seen["update"].routes == {"outside of requests"}
    assert slow.take() == []


def test_a_command_that_fails_slowly_counts_too(watched: tuple[SlowQueries, Database]) -> None:
    slow, database = watched
    with pytest.raises(OperationFailure):
        database.things.find_one({"$weird": 1})
    assert [each.count for each in slow.take()] == [1]
    assert slow._in_flight == {}


def test_only_commands_beyond_the_threshold_are_looked_at(mongod: Mongod) -> None:
    slow = SlowQueries(threshold_ms=50)
    with MongoClient(mongod.uri, event_listeners=[slow]) as client:
        things = client["mixillo_test_slow"].things
        things.insert_one({"a": 1})
        things.find_one({"a": 1})
        started = time.perf_counter()
        things.find_one({"$where": "sleep(60) || true"})
        assert time.perf_counter() - started >= 0.06
        assert [each.shape.conditions for each in slow.take()] == [(("$where", "where"),)]
        client.drop_database("mixillo_test_slow")


def test_our_own_technical_queries_are_left_out(mongod: Mongod) -> None:
    slow = SlowQueries(threshold_ms=0)
    with MongoClient(mongod.uri, event_listeners=[slow]) as client:
        client["mixillo_test_slow_ops"].things.find_one({"a": 1})
    assert slow.take() == []


def test_looking_around_is_not_taken_for_the_products_own_search(
    watched: tuple[SlowQueries, Database], ops_db: Database
) -> None:
    slow, database = watched
    database.things.insert_one({"a": 1})
    shape = find({"a": 1})
    store.store(ops_db, [Seen(shape, 1, 200.0, 200.0)])
    slow.take()
    slow_queries.explain(database, ops_db, shape.id)
    assert slow.take() == []


def test_the_number_of_shapes_is_bounded(
    watched: tuple[SlowQueries, Database], ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, database = watched
    monkeypatch.setattr(listener, "MAX_SHAPES", 5)
    monkeypatch.setattr(store, "MAX_STORED", 6)
    for number in range(20):
        database.things.find_one({f"field{chr(97 + number)}": 1})
    seen = slow.take()
    assert len(seen) == 5
    store.store(ops_db, seen)
    more = [Seen(find({name: 1}), 1, 1.0, 1.0) for name in ("x", "y")]
    store.store(ops_db, more[:1])
    store.store(ops_db, [*more, seen[0]])
    assert ops_db.slowshapes.count_documents({}) == 6
    assert ops_db.slowshapes.find_one({"_id": seen[0].shape.id})["count"] == 2 * seen[0].count
    assert len(find({f"f{n}": 1 for n in range(100)}).conditions) == 12


def test_what_is_stored_adds_up_and_holds_no_value(watched: tuple[SlowQueries, Database], ops_db: Database) -> None:
    slow, database = watched
    for _ in range(2):
        database.things.find_one({"a": SECRET, "n": {"$gt": 5}}, sort=[("at", -1)])
        store.store(ops_db, slow.take())
    (stored,) = slow_queries.slowest(ops_db)
    assert (stored["count"], stored["suggestion"]) == (2, [["a", 1], ["at", -1], ["n", 1]])
    assert stored["totalMs"] >= stored["maxMs"] > 0
    assert stored["lastSeenAt"] >= stored["firstSeenAt"]
    assert SECRET not in json.dumps(stored, default=str)
    assert store.shape_in(stored) == find({"a": 1, "n": {"$gt": 1}}, sort={"at": -1})


def test_what_cannot_be_stored_is_remembered(app: Flask, ops_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowQueries()
    slow.give_back([Seen(find({"a": 1}), 1, 200.0, 200.0)])
    with monkeypatch.context() as patched:
        patched.setattr(hooks, "store", lambda ops, seen: ops.command("nothing"))
        assert not hooks.flush(slow)
    assert slow.waiting == 1
    assert hooks.flush(slow)
    assert (slow.waiting, ops_db.slowshapes.count_documents({})) == (0, 1)


def test_the_application_listens_unless_told_not_to(app: Flask, settings: Settings) -> None:
    assert app.extensions["slow_queries"].threshold_ms == settings.slow_query_ms == 100


def test_explaining_uses_values_of_a_stored_document_and_keeps_none(db: Database, ops_db: Database) -> None:
    db.things.insert_many([{"name": f"{SECRET} {n}", "list": [{"x": n}], "at": n} for n in range(1_500)])
    try:
        shapes = {
            "list": find({"list.x": {"$in": [1]}}, sort={"at": 1}),
            "prefix": find({"name": {"$regex": "^abc"}, "at": {"$gte": 3}}),
            "text": find({"$text": {"$search": SECRET}}),
            "data": find({"list.3.x": 1}),
            "few": Shape("few", "find", (("a", "eq"),), ()),
            "empty": Shape("nothing", "find", (("a", "eq"),), ()),
        }
        db.few.insert_one({"a": 1})
        store.store(ops_db, [Seen(shape, 1, 200.0, 200.0) for shape in shapes.values()])
        found = {name: slow_queries.explain(db, ops_db, shape.id) for name, shape in shapes.items()}
    finally:
        for name in ("things", "few"):
            db.drop_collection(name)
    assert (found["list"]["plan"], found["list"]["returned"], found["list"]["helps"]) == ("COLLSCAN", 1, True)
    assert found["prefix"]["plan"] == "COLLSCAN"
    assert found["text"]["note"] == "Cannot be asked again without its values: text."
    assert "has a name made of data" in found["data"]["note"]
    assert found["few"]["note"] == "Documents examined: 1; an index would hardly help."
    assert found["empty"]["note"] == "The collection is empty."
    assert [each["helps"] for each in found.values()].count(True) == 1
    assert SECRET not in json.dumps(list(ops_db.slowshapes.find()), default=str)
    with pytest.raises(ShapeNotFound):
        slow_queries.explain(db, ops_db, "nothing")


def test_measuring_the_database_is_not_taken_for_the_products_own_search(
    app: Flask, mongod: Mongod, ops_db: Database
) -> None:
    heard = SlowQueries(threshold_ms=0)
    with MongoClient(mongod.uri, event_listeners=[heard], tz_aware=True) as client:
        watched = client["mixillo_test"]
        watched["eventtrackings"].insert_one({"timestamp": datetime(2020, 1, 1, tzinfo=UTC)})
        auditing.audit(watched, ops_db)(lambda *_: None)
        recount(watched, statistics(watched))
        watched["eventtrackings"].find_one({"mine": 1})
    assert [each.shape.shown for each in heard.take()] == ["find eventtrackings {mine eq}"]
