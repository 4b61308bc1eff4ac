"""One key, one gift: whatever is repeated, raced, changed or cut off between the commit and the answer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services import ledger
from tests.factories.auth import client_of
from tests.factories.gifts import make_gift, send
from tests.factories.users import make_user
from tests.factories.wallets import balance, give
from tests.killing import Killed, kill_before_the_answer_is_kept, let_a_minute_pass

User = dict[str, Any]


@pytest.fixture
def killed_before_the_answer_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kill_before_the_answer_is_kept(monkeypatch)


def test_fifty_at_once_under_one_key_send_one_gift(db: Database, app: Flask, ada: User, bob: User) -> None:
    gift = make_gift(db)
    clients = [client_of(app, ada) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda client: send(client, gift, bob["_id"], key="once"), clients))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} <= {"idempotency_key_in_use"}
    first = next(answer for answer in answers if answer.status_code == 201)
    replayed = send(clients[0], gift, bob["_id"], key="once")
    assert (replayed.status_code, replayed.data) == (201, first.data)
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert replayed.headers["Location"] == first.headers["Location"]
    assert {answer.data for answer in answers if answer.status_code == 201} == {first.data}
    assert db["gifttransactions"].count_documents({}) == 1
    assert balance(db, ledger.user(ada["_id"])) == 990


def test_a_key_with_another_body_is_refused(db: Database, as_ada: FlaskClient, ada: User, bob: User) -> None:
    gift = make_gift(db)
    send(as_ada, gift, bob["_id"], key="once")
    answer = send(as_ada, gift, bob["_id"], key="once", quantity=2)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert balance(db, ledger.user(ada["_id"])) == 990


def test_two_people_may_use_the_same_key(db: Database, app: Flask, as_ada: FlaskClient, bob: User) -> None:
    gift, other = make_gift(db), make_user(db)
    give(other["_id"], 100)
    answers = [send(client, gift, bob["_id"], key="once") for client in (as_ada, client_of(app, other))]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert db["gifttransactions"].count_documents({}) == 2


@pytest.mark.usefixtures("killed_before_the_answer_is_kept")
def test_who_repeats_after_a_crash_gets_the_gift_that_was_sent(
    db: Database, ops_db: Database, as_ada: FlaskClient, ada: User, bob: User
) -> None:
    gift = make_gift(db, 300)
    with pytest.raises(Killed):
        send(as_ada, gift, bob["_id"], key="once", quantity=3)
    (record,) = db["gifttransactions"].find()
    assert send(as_ada, gift, bob["_id"], key="once", quantity=3).json["code"] == "idempotency_key_in_use"
    let_a_minute_pass(ops_db)
    give(ada["_id"], 5_000)
    db["gifts"].update_one({}, {"$set": {"isActive": False, "price": 1}})
    answer = send(as_ada, gift, bob["_id"], key="once", quantity=3)
    assert answer.status_code == 201
    data = answer.json["data"]
    assert (data["transaction"]["_id"], data["newBalance"], data["recipientEarnings"]) == (str(record["_id"]), 100, 630)
    assert send(as_ada, gift, bob["_id"], key="once", quantity=3).data == answer.data
    assert db["gifttransactions"].count_documents({}) == 1
    assert balance(db, ledger.user(ada["_id"])) == 5_100
    assert books.reconcile().is_clean


@pytest.mark.usefixtures("killed_before_the_answer_is_kept")
@pytest.mark.parametrize("there", [1_000, 900])
def test_the_repetition_is_not_refused_for_what_the_first_has_spent(
    db: Database, ops_db: Database, as_ada: FlaskClient, ada: User, bob: User, there: int
) -> None:
    gift = make_gift(db, 900)
    with pytest.raises(Killed):
        send(as_ada, gift, bob["_id"], key="once")
    let_a_minute_pass(ops_db)
    assert send(as_ada, gift, bob["_id"], key="once").json["data"]["newBalance"] == 100


def test_a_key_that_was_forgotten_is_not_taken_for_another_gift(
    db: Database, ops_db: Database, as_ada: FlaskClient, ada: User, bob: User
) -> None:
    gift = make_gift(db)
    send(as_ada, gift, bob["_id"], key="once")
    ops_db["idempotencykeys"].delete_many({})
    assert send(as_ada, gift, bob["_id"], key="once", quantity=2).status_code == 422
    assert send(as_ada, gift, bob["_id"], key="once").status_code == 201
    assert db["gifttransactions"].count_documents({}) == 1
    assert balance(db, ledger.user(ada["_id"])) == 990


def test_a_refusal_leaves_the_key_free(db: Database, as_ada: FlaskClient, ada: User, bob: User) -> None:
    gift = make_gift(db, 2_000)
    assert send(as_ada, gift, bob["_id"], key="once").status_code == 409
    give(ada["_id"], 5_000)
    assert send(as_ada, gift, bob["_id"], key="once").status_code == 201


def test_without_a_key_every_request_sends(db: Database, as_ada: FlaskClient, bob: User) -> None:
    gift = make_gift(db)
    for _ in range(2):
        assert send(as_ada, gift, bob["_id"]).status_code == 201
    assert db["gifttransactions"].count_documents({}) == 2
