"""The indexes of gifts: of the catalogue always, of sent gifts where there are any; made once, in either way."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.gifts.models import GiftTransaction
from mixillo.ops.migrations import discover
from tests.factories.gifts import make_gift, send

(MIGRATION,) = [migration for migration in discover() if migration.name.partition("_")[2] == "gifts"]


def run(direction: str, database: Database) -> None:
    step: Callable[[Database, Database], None] = MIGRATION.step(direction)
    step(database, database.client[f"{database.name}_ops"])


def indexes(database: Database) -> dict[str, Any]:
    return {name: database[name].index_information() for name in database.list_collection_names()}


@pytest.fixture
def existing(database: Database) -> Database:
    """A database in which gifts were sent before, with an index of its own."""
    database["gifttransactions"].insert_one({"giftId": 1})
    database["gifttransactions"].create_index("giftId")
    return database


def test_up_again_and_up_down_up_end_in_the_same_indexes(existing: Database) -> None:
    before = indexes(existing)
    run("upgrade", existing)
    built = indexes(existing)
    run("upgrade", existing)
    assert indexes(existing) == built
    run("downgrade", existing)
    assert indexes(existing)["gifttransactions"] == before["gifttransactions"]
    assert list(indexes(existing)["gifts"]) == ["_id_"]
    run("downgrade", existing)
    run("upgrade", existing)
    assert indexes(existing) == built


def test_a_database_without_sent_gifts_gets_no_collection_for_them(database: Database) -> None:
    run("upgrade", database)
    assert database.list_collection_names() == ["gifts"]


def test_both_ways_to_the_indexes_of_sent_gifts_lead_to_the_same(existing: Database) -> None:
    run("upgrade", existing)
    migrated = existing["gifttransactions"].index_information()
    made = existing["made"]
    made.create_indexes(list(GiftTransaction.INDEXES))
    assert {**migrated, "giftId_1": None} == {**made.index_information(), "giftId_1": None}


def test_the_first_gift_brings_the_indexes_with_the_collection(
    db: Database, as_ada: FlaskClient, bob: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    db.drop_collection("gifttransactions")
    monkeypatch.setattr("mixillo.core.db._ensured", set())
    assert send(as_ada, make_gift(db), bob["_id"]).status_code == 201
    assert len(db["gifttransactions"].index_information()) == len(GiftTransaction.INDEXES) + 1
