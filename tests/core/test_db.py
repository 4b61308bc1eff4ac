"""Transactions, references, and two databases that belong together."""

from concurrent.futures import ThreadPoolExecutor

import mongoengine
import pytest
from flask import Flask
from pymongo.client_session import ClientSession
from pymongo.database import Database

from mixillo.blueprints.gifts.models import GiftTransaction
from mixillo.core import db as core_db
from mixillo.core.db import BaseDocument, Ref, references, transact


class Line(mongoengine.EmbeddedDocument):
    productId = Ref("products", policy="nullify")


class Basket(BaseDocument):
    meta = {"collection": "baskets"}
    userId = Ref("users", policy="delete")
    mentions = mongoengine.ListField(Ref("users"))
    lines = mongoengine.EmbeddedDocumentListField(Line)


def test_a_transaction_spans_both_databases(app: Flask, db: Database, ops_db: Database) -> None:
    def fail(session: ClientSession) -> None:
        core_db.database().things.insert_one({}, session=session)
        core_db.ops_database().things.insert_one({}, session=session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        transact(fail)
    assert db.things.count_documents({}) == ops_db.things.count_documents({}) == 0


def test_conflicting_transactions_are_tried_again_until_they_fit(app: Flask, db: Database) -> None:
    db.counters.insert_one({"_id": 1, "value": 0})

    def increment(session: ClientSession) -> None:
        value = core_db.database().counters.find_one({"_id": 1}, session=session)["value"]
        core_db.database().counters.update_one({"_id": 1}, {"$set": {"value": value + 1}}, session=session)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: transact(increment), range(40)))
    assert db.counters.find_one()["value"] == 40


def test_references_are_found_in_fields_lists_and_embedded_documents() -> None:
    found = {(r.path, r.target, r.policy) for r in references() if r.collection == "baskets"}
    assert found == {
        ("userId", "users", "delete"),
        ("mentions", "users", "report"),
        ("lines.productId", "products", "nullify"),
    }


def test_a_reference_needs_a_known_policy() -> None:
    with pytest.raises(ValueError, match="policy"):
        Ref("users", policy="shrug")


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("mongodb://localhost/shop", "shop"),
        ("mongodb://localhost", "mixillo"),
        ("mongodb://user:p%40ss@a,b/shop?replicaSet=rs0", "shop"),
        ("mongodb+srv://cluster.invalid/shop", "shop"),
    ],
)
def test_the_database_is_the_one_the_uri_names(uri: str, name: str) -> None:
    assert core_db.database_name(uri) == name


def indexes_of(db: Database) -> set[str]:
    return set(db["gifttransactions"].index_information())


@pytest.mark.parametrize("is_there", [False, True])
def test_a_collection_without_documents_gets_its_indexes_before_the_first(
    app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    monkeypatch.setattr(core_db, "_ensured", set())
    db.drop_collection("gifttransactions")
    if is_there:
        db.create_collection("gifttransactions")
    GiftTransaction.ensure_collection()
    assert "given" in indexes_of(db)


def test_a_collection_with_documents_is_left_to_migrations_and_datasets(
    app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core_db, "_ensured", set())
    db.drop_collection("gifttransactions")
    db["gifttransactions"].insert_one({"status": "completed"})
    GiftTransaction.ensure_collection()
    assert indexes_of(db) == {"_id_"}
    core_db.index_loaded(db)
    assert "given" in indexes_of(db)
    db.drop_collection("gifttransactions")
    core_db.index_loaded(db)
    assert "gifttransactions" not in db.list_collection_names()
    GiftTransaction.collection().create_indexes(list(GiftTransaction.INDEXES))
