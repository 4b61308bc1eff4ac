"""Each kind of superfluous or missing index is found, and what only looks like one is left in peace."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.core import clock
from mixillo.core import db as core_db
from mixillo.ops import indexes, slow_queries
from mixillo.ops.indexes import IndexGuarded, IndexNotFound, IndexRefused, Verdict, actions, usage
from mixillo.ops.slow_queries import Shape, SlowQueries
from mixillo.ops.slow_queries.listener import Seen

ME = {"kind": "operator", "name": "salma"}
THING = "things"


@pytest.fixture
def database(app: Flask) -> Database:
    """A database with one collection and no index but the one on ``_id``."""
    found = core_db.database()
    found.drop_collection(THING)
    found.create_collection(THING)
    return found


@pytest.fixture
def ops(app: Flask) -> Database:
    """The technical database, empty."""
    return core_db.ops_database()


@pytest.fixture
def judged(database: Database, ops: Database) -> Callable[[], dict[str, Verdict]]:
    """Return the verdicts on the collection's indexes by name."""
    return lambda: {v.name: v for v in indexes.verdicts(database, ops) if v.collection == THING}


def test_an_index_whose_keys_are_the_first_of_another_is_redundant(database: Database, judged: Any) -> None:
    for keys in ("a", [("a", 1), ("b", 1)], [("a", 1), ("b", 1), ("c", -1)], [("x", -1)], [("x", 1), ("y", 1)]):
        database[THING].create_index(keys)
    found = judged()
    assert {name: (v.verdict, v.by) for name, v in found.items() if v.verdict != "keep"} == {
        "a_1": ("redundant prefix", "a_1_b_1_c_-1"),
        "a_1_b_1": ("redundant prefix", "a_1_b_1_c_-1"),
        "x_-1": ("redundant prefix", "x_1_y_1"),
    }
    assert found["a_1"].reason == "Its keys (a: 1) are the first of a_1_b_1_c_-1 (a: 1, b: 1, c: -1)."
    assert found["a_1"].confidence == "high"


def test_indexes_that_hold_the_same_in_reverse_are_duplicates(database: Database, judged: Any) -> None:
    database[THING].create_index("a")
    database[THING].create_index([("a", -1)])
    database[THING].create_index([("b", 1), ("c", -1)])
    database[THING].create_index([("b", -1), ("c", 1)], unique=False)
    database[THING].create_index("u", unique=True)
    database[THING].create_index([("u", -1)])
    found = judged()
    duplicates = {name: v.by for name, v in found.items() if v.verdict == "duplicate"}
    assert len(duplicates) == 3
    assert sorted(("a_1", "a_-1")) == sorted([n for n in duplicates if n.startswith("a")] + [duplicates["a_-1"]])
    assert duplicates["u_-1"] == "u_1", "the one that keeps values unique stays"
    assert all(found[name].confidence == "certain" for name in duplicates)


LOOKALIKES: list[tuple[Any, dict[str, Any], Any, dict[str, Any]]] = [
    ("user", {}, [("user_id", 1), ("x", 1)], {}),
    ("user", {}, [("user.name", 1), ("x", 1)], {}),
    ("a", {}, [("b", 1), ("a", 1)], {}),
    ([("a", 1), ("b", 1)], {}, [("a", 1), ("b", -1)], {}),
    ([("a", 1), ("b", 1)], {}, [("a", 1), ("b", -1), ("c", 1)], {}),
    ("a", {"unique": True}, [("a", 1), ("b", 1)], {}),
    ("a", {"expireAfterSeconds": 60}, [("a", 1), ("b", 1)], {}),
    ("a", {"sparse": True}, [("a", 1), ("b", 1)], {}),
    ("a", {}, [("a", 1), ("b", 1)], {"sparse": True}),
    ("a", {"partialFilterExpression": {"x": 1}}, [("a", 1), ("b", 1)], {}),
    ("a", {}, [("a", 1), ("b", 1)], {"partialFilterExpression": {"x": 1}}),
    ("a", {"partialFilterExpression": {"x": 1}}, [("a", 1), ("b", 1)], {"partialFilterExpression": {"x": 2}}),
    ("a", {"collation": {"locale": "en", "strength": 2}}, [("a", 1), ("b", 1)], {}),
    ("a", {}, [("a", 1), ("b", 1)], {"hidden": True}),
    ([("a", "hashed")], {}, "a", {}),
    ([("a", "text")], {}, [("b", 1), ("c", 1)], {}),
    ("a", {}, [("a", 1), ("place", "2dsphere")], {}),
    ("a", {}, [("a", 1), ("words", "text")], {}),
    ([("$**", 1)], {}, "a", {}),
]


@pytest.mark.parametrize(("one", "options", "other", "other_options"), LOOKALIKES)
def test_what_only_looks_superfluous_is_kept(
    database: Database, judged: Any, one: Any, options: dict[str, Any], other: Any, other_options: dict[str, Any]
) -> None:
    database[THING].create_index(one, name="one", **options)
    database[THING].create_index(other, name="other", **other_options)
    assert {v.verdict for v in judged().values()} == {"keep"}


def test_equal_options_do_not_keep_a_prefix(database: Database, judged: Any) -> None:
    same = {"partialFilterExpression": {"x": 1}, "collation": {"locale": "en", "strength": 2}}
    database[THING].create_index("a", name="one", **same)
    database[THING].create_index([("a", 1), ("b", 1)], name="other", **same)
    assert judged()["one"].by == "other"


def age(ops: Database, days: float) -> None:
    """Make every observation begin ``days`` earlier."""
    for record in ops.indexusage.find():
        for each in record["indexes"]:
            for host in each["hosts"]:
                host["observedSince"] -= timedelta(days=days)
                host["lastUsedAt"] = host["lastUsedAt"] and host["lastUsedAt"] - timedelta(days=days)
        ops.indexusage.replace_one({"_id": record["_id"]}, record)


def test_an_index_is_unused_after_a_week_without_a_query(database: Database, ops: Database, judged: Any) -> None:
    for field in ("used", "unused"):
        database[THING].create_index(field)
    database[THING].create_index("rule", unique=True)
    database[THING].create_index("end", expireAfterSeconds=60)
    assert judged()["unused_1"].reason == "Its use has not been observed yet."
    assert indexes.sample(database, ops) >= 5
    assert "0.0 days of observation; 7 are needed" in judged()["unused_1"].reason
    age(ops, 6.9)
    assert judged()["unused_1"].verdict == "keep"
    age(ops, 0.2)
    database[THING].find_one({"used": 1})
    indexes.sample(database, ops)
    found = judged()
    assert {name for name, v in found.items() if v.verdict == "unused"} == {"unused_1"}
    assert (found["unused_1"].confidence, round(found["unused_1"].observed_days or 0, 1)) == ("medium", 7.1)
    assert (found["used_1"].uses, found["used_1"].reason[:16]) == (1, "In use: 1 times,")
    age(ops, 30)
    found = judged()
    assert found["unused_1"].confidence == "high"
    assert found["used_1"].verdict == "unused", "its last use is a month ago"


def test_counters_that_begin_again_are_added_up(database: Database, ops: Database) -> None:
    begun = clock.now() - timedelta(days=3)

    def read(since: Any, counted: int, host: str = "one:1") -> dict[str, Any]:
        spec = {"name": "a_1", "key": {"a": 1}, "v": 2}
        return {"name": "a_1", "host": host, "spec": spec, "accesses": {"since": since, "ops": counted}}

    first = usage._host(None, read(begun, 5), begun + timedelta(hours=1))
    assert (first["uses"], first["observedSince"]) == (5, begun)
    second = usage._host(first, read(begun, 7), begun + timedelta(hours=2))
    assert (second["uses"], second["lastUsedAt"]) == (7, begun + timedelta(hours=2))
    restarted = begun + timedelta(hours=3)
    third = usage._host(second, read(restarted, 4), restarted + timedelta(hours=1))
    assert (third["uses"], third["observedSince"]) == (11, begun)
    idle = usage._host(third, read(restarted, 4), restarted + timedelta(hours=2))
    assert (idle["uses"], idle["lastUsedAt"]) == (11, third["seenAt"])
    long_after = idle["seenAt"] + timedelta(days=2)
    blind = usage._host(idle, read(long_after, 0), long_after + timedelta(hours=1))
    assert blind["observedSince"] == long_after, "nobody knows what happened in between"
    now = blind["seenAt"]
    record = usage._added({"hosts": [first]}, b"x", [read(begun, 2, "two:1")], now)
    assert {host["host"] for host in record["hosts"]} == {"one:1", "two:1"}
    ops.indexusage.insert_one({"_id": THING, "indexes": [record], "sampledAt": now})
    (seen,) = usage.observations(database, ops).values()
    assert (seen.uses, seen.hosts) == (7, 2)


def test_an_index_that_was_made_anew_is_another_one(database: Database, ops: Database, judged: Any) -> None:
    database[THING].create_index("a", name="same")
    indexes.sample(database, ops)
    age(ops, 8)
    assert judged()["same"].verdict == "unused"
    database[THING].drop_index("same")
    database[THING].create_index("b", name="same")
    assert judged()["same"].reason == "Its use has not been observed yet."
    indexes.sample(database, ops)
    assert judged()["same"].verdict == "keep"
    database.drop_collection(THING)
    indexes.sample(database, ops)
    assert ops.indexusage.find_one({"_id": THING}) is None


def test_the_index_that_a_slow_query_needs_is_missing_until_it_exists(
    database: Database, ops: Database, judged: Any
) -> None:
    database[THING].insert_many([{"status": n % 2, "at": n, "owner": n % 500, "kind": "same"} for n in range(3_000)])
    database[THING].create_index("status")
    shapes = [
        Shape(THING, "find", (("owner", "eq"),), (("at", -1),)),
        Shape(THING, "find", (("owner", "eq"),), ()),
        Shape(THING, "find", (("at", "ne"),), ()),
        Shape(THING, "find", (("kind", "ne"), ("status", "eq")), ()),
    ]
    seen = [Seen(shape, 3, 900.0, 400.0) for shape in shapes]
    slow_queries.store.store(ops, seen)
    assert judged().keys() == {"_id_", "status_1"}, "nothing is called missing before it was explained"
    explained = [slow_queries.explain(database, ops, shape.id) for shape in shapes]
    assert [(each["plan"], each["examined"], each["helps"]) for each in explained] == [
        ("COLLSCAN", 3_000, True), ("COLLSCAN", 3_000, True), ("COLLSCAN", 3_000, False), ("IXSCAN", 1_500, False),
    ]  # fmt: skip
    missing = [v for v in judged().values() if v.verdict == "missing"]
    assert [(v.name, v.confidence) for v in missing] == [("owner_1_at_-1", "high")]
    assert missing[0].reason == (
        "find things {owner eq} sort at -1: slow 3 times, up to 400 ms; 3,000 documents examined for 6 (COLLSCAN)."
    )
    assert indexes.create(database, THING, missing[0].keys, actor=ME) == "owner_1_at_-1"
    for shape in shapes:
        slow_queries.explain(database, ops, shape.id)
    assert [v for v in judged().values() if v.verdict == "missing"] == []


def test_an_index_is_hidden_for_a_day_before_it_may_be_dropped(
    database: Database, ops: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database[THING].create_index("a.b")
    with pytest.raises(IndexGuarded, match=r"Hide a\.b_1 first"):
        indexes.drop(database, ops, THING, "a.b_1", actor=ME)
    indexes.hide(database, ops, THING, "a.b_1", actor=ME)
    assert database[THING].index_information()["a.b_1"]["hidden"]
    with pytest.raises(IndexGuarded, match="may be dropped a day after that"):
        indexes.drop(database, ops, THING, "a.b_1", actor=ME)
    indexes.unhide(database, ops, THING, "a.b_1", actor=ME)
    assert "hidden" not in database[THING].index_information()["a.b_1"]
    indexes.hide(database, ops, THING, "a.b_1", actor=ME)
    monkeypatch.setattr(actions, "HIDDEN_FOR", timedelta(0))
    indexes.drop(database, ops, THING, "a.b_1", actor=ME)
    assert list(database[THING].index_information()) == ["_id_"]
    logged = list(ops.auditlog.find().sort("_id", 1))
    assert [entry["action"] for entry in logged] == ["index.hidden", "index.unhidden", "index.hidden", "index.dropped"]
    assert logged[-1]["changes"]["before"]["key"] == [["a.b", 1]]


def test_indexes_that_enforce_a_rule_cannot_be_hidden_or_dropped(database: Database, ops: Database) -> None:
    database[THING].create_index("a", unique=True)
    database[THING].create_index("b", expireAfterSeconds=60)
    for name in ("_id_", "a_1", "b_1"):
        for change in (indexes.hide, indexes.drop):
            with pytest.raises(IndexGuarded):
                change(database, ops, THING, name, actor=ME)
    with pytest.raises(IndexNotFound):
        indexes.hide(database, ops, THING, "nothing", actor=ME)
    database[THING].insert_many([{"a": n, "c": 1} for n in range(2)])
    with pytest.raises(IndexRefused, match="duplicate key"):
        indexes.create(database, THING, [("c", 1)], actor=ME, unique=True)


def test_our_own_indexes_hold_nothing_superfluous(database: Database, ops: Database) -> None:
    found = indexes.verdicts(database, ops)
    assert [(v.collection, v.name, v.reason) for v in found if v.verdict in ("duplicate", "redundant prefix")] == []


def test_a_listener_can_be_told_of_what_is_slow(database: Database) -> None:
    assert isinstance(database.client.options.event_listeners[0], SlowQueries)
