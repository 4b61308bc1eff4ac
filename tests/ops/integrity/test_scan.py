"""The scan finds what leads nowhere, and nothing else; it survives being killed and needs little memory."""

import resource
import time
import tracemalloc
from typing import Any

import pytest
from bson import DBRef, ObjectId
from pymongo.database import Database

from mixillo.core.db import Reference
from mixillo.ops import datasets
from mixillo.ops.integrity import declared, scan, walk
from tests.ops.integrity.world import missing, person, quiet


def test_on_the_reports_database_it_finds_exactly_the_six_contents(database: Database, ops: Database) -> None:
    datasets.load(database, "report")
    found = scan.scan(database, ops, quiet)
    assert found["issues"] == 6
    (row,) = [row for row in found["references"] if row["missing"]]
    assert (row["collection"], row["path"], row["checked"], row["missing"]) == ("contents", "userId", 6, 6)
    assert [sample["id"] for sample in row["samples"]] == database.contents.distinct("_id")
    assert all(database.users.find_one({"_id": sample["missing"][0]}) is None for sample in row["samples"])
    assert scan.latest(ops) == found
    assert [kept["issues"] for kept in scan.history(ops)] == [6]


def test_absent_null_and_empty_references_are_fine(database: Database, ops: Database) -> None:
    user = person(database)
    database.contents.insert_many([
        {}, {"userId": None}, {"userId": ""}, {"userId": user}, {"userId": str(user)},
        {"userId": DBRef("users", user)}, {"mentions": []}, {"mentions": [None, user]}, {"userId": {"odd": 1}},
    ])  # fmt: skip
    assert missing(database, ops) == {}


def test_lists_and_embedded_documents_are_looked_into(database: Database, ops: Database) -> None:
    user, product, nobody = person(database), database.products.insert_one({}).inserted_id, ObjectId()
    lines = [{"productId": product}, {"productId": nobody}, {"productId": nobody}, {"note": "no product"}]
    order = database.orders.insert_one({"userId": user, "items": lines}).inserted_id
    database.comments.insert_one({"userId": user, "mentions": [user, nobody]})
    nested = {"reasons": [{"reportedBy": nobody}, {"reportedBy": user}]}
    database.moderationresults.insert_one({"userReports": nested})
    assert missing(database, ops) == {
        "comments.mentions": 1,
        "moderationresults.userReports.reasons.reportedBy": 1,
        "orders.items.productId": 1,
    }
    rows = {f"{r['collection']}.{r['path']}": r for r in (scan.latest(ops) or {})["references"]}
    assert rows["orders.items.productId"]["samples"] == [{"id": order, "missing": [nobody]}]
    assert rows["orders.userId"]["checked"] == 1


def test_ids_that_are_of_another_type_than_an_objectid_are_followed(database: Database, ops: Database) -> None:
    database.users.insert_many([{"_id": "an-old-id", "username": "a", "email": "a"}])
    database.contents.insert_many([{"userId": "an-old-id"}, {"userId": "another-old-id"}, {"userId": 7}])
    assert missing(database, ops) == {"contents.userId": 2}


def test_documents_with_ids_of_mixed_types_are_all_looked_at(
    database: Database, ops: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "BATCH", 2)
    ids: list[Any] = [None, -1, 2.5, "text", {"a": 1}, ObjectId(), True, 7, "zz", b"bytes"]
    database.contents.insert_many([{"_id": each, "userId": ObjectId()} for each in ids])
    assert missing(database, ops) == {"contents.userId": len(ids)}


def test_every_batch_is_counted_once(database: Database, ops: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "BATCH", 7)
    monkeypatch.setattr(walk, "REMEMBERED", 3)
    users = [person(database, number) for number in range(10)]
    database.contents.insert_many([{"userId": users[n % 10] if n % 4 else ObjectId()} for n in range(49)])
    steps: list[tuple[int, int, str]] = []
    found = scan.scan(database, ops, lambda *step: steps.append(step))
    row = next(r for r in found["references"] if (r["collection"], r["path"]) == ("contents", "userId"))
    assert (row["checked"], row["missing"], len(row["samples"])) == (49, 13, 10)
    assert steps[-1][:2] == (59, 59)


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("killed_after", [1, 5, 12, 20])
def test_a_scan_that_was_killed_goes_on_where_it_stood(
    database: Database, ops: Database, monkeypatch: pytest.MonkeyPatch, killed_after: int
) -> None:
    monkeypatch.setattr(walk, "BATCH", 5)
    monkeypatch.setattr(scan, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    user = person(database)
    for name in ("comments", "contents", "shares"):
        database[name].insert_many([{"userId": user if n % 3 else ObjectId()} for n in range(30)])
    whole = scan.scan(database, ops, quiet)
    steps = 0

    def die(done: int, total: int, label: str) -> None:
        nonlocal steps
        steps += 1
        if steps > killed_after:
            raise Killed

    with pytest.raises(Killed):
        scan.scan(database, ops, die)
    checkpoint = (ops.integrityscans.find_one({"state": "running"}) or {})["documents"]
    begun_again: list[int] = []
    resumed = scan.scan(database, ops, lambda done, total, label: begun_again.append(done))
    assert resumed["resumed"] == 1
    assert [(r["checked"], r["missing"]) for r in resumed["references"]] == [
        (r["checked"], r["missing"]) for r in whole["references"]
    ]
    assert resumed["documents"] == whole["documents"]
    assert begun_again[0] == checkpoint
    assert ops.integrityscans.count_documents({"state": "running"}) == 0


def test_a_killed_scan_of_other_references_is_not_taken_up(database: Database, ops: Database) -> None:
    person(database)

    def die(done: int, total: int, label: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        scan.scan(database, ops, die, references=[Reference("users", "storeId", "stores", "nullify")])
    assert scan.scan(database, ops, quiet)["resumed"] == 0
    assert ops.integrityscans.count_documents({}) == 1


def test_no_row_is_left_for_a_collection_that_a_model_covers() -> None:
    covered = declared.modelled() & {reference.collection for reference in declared.rows()}
    assert covered == set(), "these collections have models by now: remove their rows from declared.py"


def test_every_declared_reference_is_well_formed() -> None:
    rows = list(declared.rows())
    assert len({(row.collection, row.path) for row in rows}) == len(rows) > 100
    assert {row.policy for row in rows} == {"delete", "reassign", "nullify", "report"}
    known = {row.collection for row in rows} | declared.modelled() | {"coupons", "gifts"}
    assert {row.target for row in rows} <= known


def test_a_models_references_take_the_place_of_the_declared_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "TABLE", "users: userId>users report\nlikes: userId>users delete")
    found = declared.references()
    assert Reference("users", "userId", "users", "report") not in found
    assert Reference("users", "storeId", "stores", "nullify") in found
    assert Reference("likes", "userId", "users", "delete") in found


@pytest.mark.slow
def test_many_documents_take_seconds_and_no_more_memory(database: Database, ops: Database) -> None:
    total, users = 200_000, [{"_id": ObjectId(), "username": str(n), "email": str(n)} for n in range(20_000)]
    database.users.insert_many(users)
    database.contents.insert_many([{"userId": each["_id"]} for each in users])
    contents = database.contents.distinct("_id")
    for first in range(0, total, 20_000):
        likes = [
            {
                "userId": users[(first + n) * 7 % 20_000]["_id"] if n % 1_000 else ObjectId(),
                "contentId": contents[first // 20_000],
            }
            for n in range(20_000)
        ]
        database.likes.insert_many(likes, ordered=False)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    found = scan.scan(database, ops, quiet)
    seconds = time.monotonic() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    per_million = seconds / found["documents"] * 1_000_000
    print(f"\n{found['documents']:,} documents in {seconds:.1f} s, {per_million:.0f} s per million, +{grown:.0f} MB")  # noqa: T201
    assert found["issues"] == 200
    assert per_million < 120
    tracemalloc.start()
    scan.scan(database, ops, quiet)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * 1024 * 1024
