"""One key, one effect, one answer: whatever is repeated, raced or interrupted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask, Response, g, request
from pymongo.database import Database

from mixillo.core import clock, idempotency
from mixillo.core.db import database
from mixillo.core.idempotency import idempotent
from mixillo.core.security import Viewer
from mixillo.errors import AppError, ValidationFailed
from mixillo.errors import init_app as init_errors

USER, OTHER = ObjectId(), ObjectId()


@pytest.fixture
def till(app: Flask, db: Database) -> Iterator[Flask]:
    """A tiny application whose one route has a visible effect: a document per call."""
    tiny = Flask("till")
    init_errors(tiny)

    @tiny.before_request
    def sign_in() -> None:
        g.viewer = Viewer(ObjectId(request.headers.get("X-User", str(USER))), "ada", "user", ObjectId())

    @tiny.post("/spend")
    @idempotent
    def spend() -> Response | tuple[dict[str, Any], int]:
        amount = request.get_json()["amount"]
        if amount == 0:
            raise ValidationFailed.of("amount", "Must be positive.")
        if amount == 13:
            raise AppError("no luck")
        inserted = database().spent.insert_one({"amount": amount})
        return {"id": str(inserted.inserted_id)}, 201

    with app.app_context():
        yield tiny


def spend(till: Flask, key: str | None, amount: int = 5, user: ObjectId = USER) -> Any:
    headers = {"X-User": str(user)} | ({"Idempotency-Key": key} if key is not None else {})
    return till.test_client().post("/spend", json={"amount": amount}, headers=headers)


def test_without_a_key_every_request_counts(till: Flask, db: Database) -> None:
    spend(till, None)
    spend(till, None)
    assert db.spent.count_documents({}) == 2


def test_a_repeated_key_is_answered_byte_for_byte_and_spends_once(till: Flask, db: Database) -> None:
    first, again = spend(till, "k1"), spend(till, "k1")
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert db.spent.count_documents({}) == 1


def test_the_same_key_with_another_body_is_a_422(till: Flask, db: Database) -> None:
    spend(till, "k1", 5)
    answer = spend(till, "k1", 6)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert db.spent.count_documents({}) == 1


def test_another_users_key_is_another_key(till: Flask, db: Database) -> None:
    spend(till, "k1")
    assert "Idempotent-Replayed" not in spend(till, "k1", user=OTHER).headers
    assert db.spent.count_documents({}) == 2


def test_fifty_at_once_have_one_effect(till: Flask, db: Database) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: spend(till, "k1"), range(50)))
    assert db.spent.count_documents({}) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.data for answer in answers if answer.status_code == 201}) == 1


def test_while_the_first_runs_a_repeat_is_a_409(till: Flask, db: Database, ops_db: Database) -> None:
    spend(till, "k1")
    ops_db[idempotency.COLLECTION].update_one({}, {"$set": {"state": "running"}})
    answer = spend(till, "k1")
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_key_in_use")
    assert answer.headers["Retry-After"] == "1"


def test_a_key_abandoned_by_a_dead_worker_can_be_used_again(till: Flask, db: Database, ops_db: Database) -> None:
    spend(till, "k1")
    long_ago = clock.now() - idempotency.ABANDONED_AFTER - timedelta(seconds=1)
    ops_db[idempotency.COLLECTION].update_one({}, {"$set": {"state": "running", "startedAt": long_ago}})
    assert spend(till, "k1").status_code == 201


@pytest.mark.parametrize("amount", [0, 13])
def test_a_failure_leaves_nothing_behind_and_the_key_free(
    till: Flask, db: Database, ops_db: Database, amount: int
) -> None:
    assert spend(till, "k1", amount).status_code >= 400
    assert ops_db[idempotency.COLLECTION].count_documents({}) == 0
    assert spend(till, "k1", 5).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_unusable_key_is_a_400(till: Flask, key: str) -> None:
    assert spend(till, key).status_code == 400
