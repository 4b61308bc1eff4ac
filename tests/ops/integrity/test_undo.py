"""A repair can be taken back to the byte, and goes on where it was killed."""

from typing import Any

import bson
import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from mixillo.ops.integrity import items, repair, undo
from tests.ops.integrity.world import ME, NOBODY, apply, make_plan, missing, person, stored, take_back


def test_undo_keeps_what_has_changed_since_and_says_so(database: Database, ops: Database) -> None:
    contents = [database.contents.insert_one({"userId": NOBODY, "n": n}).inserted_id for n in range(3)]
    run = apply(database, ops, make_plan(database, ops, "reassign"))
    database.contents.update_one({"_id": contents[0]}, {"$set": {"caption": "edited"}})
    database.contents.delete_one({"_id": contents[1]})
    undone = take_back(database, ops, run)
    assert (undone["undo"]["restored"], undone["undo"]["kept"]) == (1, 2)
    assert {row["id"]: row["reason"] for row in undone["undo"]["keptSamples"]} == {
        contents[0]: undo.CHANGED, contents[1]: undo.GONE,
    }  # fmt: skip
    assert database.contents.find_one({"_id": contents[2]}) == {"_id": contents[2], "userId": NOBODY, "n": 2}
    assert database.users.count_documents({}) == 1, "the edited content still belongs to the system user"
    database.contents.update_one({"_id": contents[0]}, {"$unset": {"caption": ""}})
    again = take_back(database, ops, run)
    assert (again["undo"]["restored"], again["undo"]["kept"]) == (2, 1)
    assert database.users.count_documents({}) == 0


def test_undo_does_not_overwrite_a_document_that_took_the_place(database: Database, ops: Database) -> None:
    first, second = (database.contents.insert_one({"userId": NOBODY}).inserted_id for _ in range(2))
    database.contents.create_index("slug", unique=True, sparse=True, name="slug_in_test")
    try:
        third = database.contents.insert_one({"userId": NOBODY, "slug": "mine"}).inserted_id
        run = apply(database, ops, make_plan(database, ops, "delete"))
        database.contents.insert_many([{"_id": first, "new": True}, {"slug": "mine"}])
        undone = take_back(database, ops, run)
        reasons = {row["id"]: row["reason"] for row in undone["undo"]["keptSamples"]}
        assert reasons[first] == undo.AGAIN
        assert "duplicate key" in reasons[third]
        assert undone["undo"]["restored"] == 1
        assert database.contents.find_one({"_id": second}) == {"_id": second, "userId": NOBODY}
    finally:
        database.contents.drop_index("slug_in_test")


def test_bytes_that_python_would_not_write_again_come_back_too(database: Database, ops: Database) -> None:
    odd: dict[str, Any] = {
        "_id": ObjectId(), "userId": NOBODY, "int": 1, "long": Int64(1), "float": 1.0, "decimal": Decimal128("1.10"),
        "pattern": Regex("^a", "iu"), "old": Binary(b"\0" * 16, 3), "when": Timestamp(1, 2), "none": None,
    }  # fmt: skip
    raw = bytearray(bson.encode(odd))
    # A date in the year 48,000, and the deprecated type "undefined": both are read as something else.
    extra = b"\x09far\x00" + (1_450_000_000_000_000).to_bytes(8, "little") + b"\x06gone\x00"
    raw[-1:-1] = extra
    raw[:4] = len(raw).to_bytes(4, "little")
    database.contents.with_options(bson.CodecOptions(RawBSONDocument)).insert_one(RawBSONDocument(bytes(raw)))
    before = stored(database, "contents")
    assert before["contents"] == [bytes(raw)]
    for action in ("delete", "reassign"):
        run = apply(database, ops, make_plan(database, ops, action))
        assert stored(database, "contents") != before
        assert take_back(database, ops, run)["undo"]["restored"] == 1
        assert stored(database, "contents") == before


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("killed_at", [1, 2, 4])
def test_a_run_and_an_undo_that_were_killed_go_on_where_they_stood(
    database: Database, ops: Database, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    monkeypatch.setattr(items.in_batches, "__defaults__", (3,))
    monkeypatch.setattr(undo, "BATCH", 3)
    user = person(database)
    for _ in range(7):
        content = database.contents.insert_one({"userId": NOBODY}).inserted_id
        database.likes.insert_one({"userId": user, "contentId": content})
    before = stored(database)
    made = make_plan(database, ops, "delete")
    steps = 0

    def die(done: int, total: int, label: str) -> None:
        nonlocal steps
        steps += 1
        if steps > killed_at:
            raise Killed

    with pytest.raises(Killed):
        repair.apply(database, ops, made["_id"], made["confirmation"], die, actor=ME)
    assert 0 < database.contents.count_documents({}) + database.likes.count_documents({}) < 14
    run = apply(database, ops, made)
    assert (run["deleted"], run["skipped"]) == (14, 0)
    assert missing(database, ops) == {}
    steps = 0
    with pytest.raises(Killed):
        undo.undo(database, ops, run["_id"], undo.confirmation_for(run), die, actor=ME)
    undone = take_back(database, ops, run)
    assert (undone["undo"]["restored"], undone["undo"]["kept"]) == (14, 0)
    assert stored(database) == before
