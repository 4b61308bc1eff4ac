"""A list read by cursor has every document once, in order, whatever the ties."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.core.pagination import paginate
from mixillo.errors import ValidationFailed

SORT = [("rank", -1), ("_id", -1)]


def query(limit: int, **more: Any) -> dict[str, Any]:
    return {"page": 1, "limit": limit, "total": True} | more


def read_all(db: Database, where: dict[str, Any], limit: int) -> list[Any]:
    found, cursor = [], None
    while True:
        page, pagination = paginate(db.things, where, query(limit, cursor=cursor), sort=SORT)
        found += [document["_id"] for document in page]
        cursor = pagination["nextCursor"]
        assert pagination["hasMore"] == (cursor is not None)
        if cursor is None:
            return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ranks=st.lists(st.integers(0, 4), max_size=40), limit=st.integers(1, 9))
def test_walking_by_cursor_neither_repeats_nor_skips(app: Flask, db: Database, ranks: list[int], limit: int) -> None:
    db.things.delete_many({})
    if ranks:
        db.things.insert_many([{"rank": rank} for rank in ranks])
    expected = [document["_id"] for document in db.things.find(sort=SORT)]
    with app.app_context():
        assert read_all(db, {}, limit) == expected


def test_documents_that_arrive_while_reading_do_not_shift_the_list(app: Flask, db: Database) -> None:
    db.things.insert_many([{"rank": rank} for rank in range(10)])
    with app.app_context():
        first, pagination = paginate(db.things, {}, query(5), sort=SORT)
        db.things.insert_many([{"rank": 100 + rank} for rank in range(5)])
        second, _ = paginate(db.things, {}, query(5, cursor=pagination["nextCursor"]), sort=SORT)
    assert [document["rank"] for document in first + second] == list(range(9, -1, -1))


def test_page_numbers_count_and_tell_what_remains(app: Flask, db: Database) -> None:
    db.things.insert_many([{"rank": rank} for rank in range(7)])
    with app.app_context():
        page, pagination = paginate(db.things, {}, query(3, page=3), sort=SORT)
    assert [document["rank"] for document in page] == [0]
    assert pagination == {"page": 3, "limit": 3, "total": 7, "pages": 3, "hasMore": False, "nextCursor": None}


def test_total_false_leaves_counting_out(app: Flask, db: Database) -> None:
    with app.app_context():
        _, pagination = paginate(db.things, {}, query(3, total=False), sort=SORT)
    assert "total" not in pagination


def test_a_cursor_belongs_to_its_filters(app: Flask, db: Database) -> None:
    db.things.insert_many([{"rank": rank, "kind": "a"} for rank in range(5)])
    with app.app_context():
        _, pagination = paginate(db.things, {"kind": "a"}, query(2), sort=SORT)
        with pytest.raises(ValidationFailed, match="cursor"):
            paginate(db.things, {"kind": "b"}, query(2, cursor=pagination["nextCursor"]), sort=SORT)


@pytest.mark.parametrize("cursor", ["x", "====", "AAAA" * 20, "64b7f3a2c9e77a0012ab34cd", "%00", "ü"])
def test_a_cursor_of_somebody_elses_making_is_refused(app: Flask, db: Database, cursor: str) -> None:
    with app.app_context(), pytest.raises(ValidationFailed):
        paginate(db.things, {}, query(2, cursor=cursor), sort=SORT)


def test_the_scan_starts_at_the_cursors_place(app: Flask, db: Database) -> None:
    db.things.create_index(SORT, name="rank")
    db.things.insert_many([{"rank": rank // 2} for rank in range(1_000)])
    with app.app_context():
        cursor = None
        for _ in range(9):
            _, pagination = paginate(db.things, {}, query(100, cursor=cursor), sort=SORT)
            cursor = pagination["nextCursor"]
        db.command("profile", 2)
        try:
            paginate(db.things, {}, query(10, cursor=cursor), sort=SORT)
        finally:
            db.command("profile", 0)
    entry = db.system.profile.find_one({"ns": f"{db.name}.things", "op": "query"}, sort=[("ts", -1)])
    db.system.profile.drop()
    db.things.drop_index("rank")
    assert entry["keysExamined"] <= 15
