"""What a provider tells is believed when it is signed, done once, and right in any order."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations
from random import Random
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.payments.models import SUBSCRIPTION
from mixillo.blueprints.payments.services import purposes
from mixillo.blueprints.payments.services.providers import Event, signatures
from mixillo.blueprints.payments.services.purposes import Purpose
from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services.ledger import Account, user
from mixillo.core import clock, realtime
from mixillo.core.ratelimits import Counter, Rate
from tests.contracts.test_errors import assert_problem
from tests.factories.auth import client_of
from tests.factories.payments import (
    STRIPE_HOOK,
    buy,
    declined,
    event,
    make_package,
    post,
    refunded,
    sandbox,
    stored,
    tell,
)
from tests.factories.users import make_user
from tests.factories.wallets import balance

Document = dict[str, Any]


def assert_clean() -> None:
    found = books.reconcile()
    assert found.is_clean, found


def test_what_was_paid_is_credited_once_however_often_it_is_told(
    hook: FlaskClient, payment: Document, db: Database, account: Account
) -> None:
    told = event(payment)
    assert [tell(hook, told) for _ in range(3)] == ["applied", "duplicate", "duplicate"]
    assert tell(hook, replace(told, id="another")) == "known"
    assert balance(db, account) == 1000
    assert stored(db, payment)["status"] == "completed"
    assert_clean()


def test_fifty_deliveries_at_once_credit_once(app: Flask, payment: Document, db: Database, account: Account) -> None:
    told = event(payment)
    barrier = threading.Barrier(50)

    def deliver(number: int) -> str:
        barrier.wait()
        return tell(client_of(app), told if number % 2 else replace(told, id="the-other"))

    with ThreadPoolExecutor(50) as pool:
        outcomes = list(pool.map(deliver, range(50)))
    assert (outcomes.count("applied"), outcomes.count("known")) == (1, 1)
    assert balance(db, account) == 1000
    assert_clean()


def test_the_end_is_the_same_in_every_order(app: Flask, hook: FlaskClient, db: Database) -> None:
    package = make_package(db, 900, 100, "10.00")
    ends = set()
    for number, order in enumerate(permutations(("declined", "paid", "some", "all"))):
        payer = make_user(db)
        payment = buy(client_of(app, payer), package)["payment"]
        tellings = {
            "declined": declined(payment),
            "paid": event(payment),
            "some": refunded(payment, 333),
            "all": refunded(payment, 1000),
        }
        for name in order:
            for _ in range(1 + number % 2):
                tell(hook, tellings[name])
        after = stored(db, payment)
        ends.add((after["status"], str(after["refundAmount"]), after["failureReason"]))
        assert balance(db, user(payer["_id"])) == 0
    assert ends == {("refunded", "10.00", None)}
    assert_clean()


def test_part_of_a_refund_takes_a_part_whether_it_comes_before_or_after(
    app: Flask, hook: FlaskClient, db: Database
) -> None:
    package = make_package(db, 900, 100, "10.00")
    for order in permutations(("paid", "some", "more")):
        payer = make_user(db)
        payment = buy(client_of(app, payer), package)["payment"]
        tellings = {"paid": event(payment), "some": refunded(payment, 333), "more": refunded(payment, 667)}
        for name in order:
            tell(hook, tellings[name])
        assert balance(db, user(payer["_id"])) == 333
        assert stored(db, payment)["status"] == "completed"
    assert_clean()


def test_money_that_comes_after_the_payment_was_given_up_counts(
    hook: FlaskClient, payment: Document, db: Database, account: Account
) -> None:
    db["payments"].update_one({}, {"$set": {"status": "cancelled", "failureReason": "It was not paid in time"}})
    assert tell(hook, event(payment)) == "applied"
    after = stored(db, payment)
    assert (after["status"], after["failureReason"]) == ("completed", None)
    assert balance(db, account) == 1000


@pytest.mark.parametrize(
    "wrong",
    [{"amount": 999}, {"amount": 1001}, {"currency": "EUR"}],
    ids=["too little", "too much", "another currency"],
)
def test_another_amount_than_was_asked_for_buys_nothing(
    hook: FlaskClient, payment: Document, db: Database, account: Account, wrong: Document
) -> None:
    assert tell(hook, replace(event(payment), **wrong)) == "mismatch"
    assert balance(db, account) == 0
    assert stored(db, payment)["status"] == "pending"


def test_more_cannot_be_given_back_than_was_paid(
    hook: FlaskClient, payment: Document, db: Database, account: Account
) -> None:
    tell(hook, event(payment))
    assert tell(hook, refunded(payment, 1001)) == "mismatch"
    assert balance(db, account) == 1000


def test_what_is_not_about_a_payment_of_this_provider_is_ignored(
    hook: FlaskClient, payment: Document, db: Database, account: Account
) -> None:
    assert tell(hook, replace(event(payment), payment_id=ObjectId())) == "ignored"
    assert tell(hook, replace(event(payment), reference="sandbox_another")) == "ignored"
    db["payments"].update_one({}, {"$set": {"provider": "stripe"}})
    assert tell(hook, event(payment)) == "ignored"
    assert balance(db, account) == 0


def forgeries(app: Flask, told: Event) -> Iterator[tuple[str, bytes, str | None]]:
    """Yield ways to say something that the provider did not say, or not now."""
    raw, signature = sandbox(app).write(told)
    stamp, digest = signature.removeprefix("t=").split(",v1=")
    yield "unsigned", raw, None
    yield "empty signature", raw, ""
    yield "another key", raw, f"t={stamp},v1={'0' * 64}"
    yield "another scheme", raw, f"t={stamp},v0={digest}"
    yield "another time", raw, f"t={int(stamp) - 1},v1={digest}"
    yield "another amount", raw.replace(b'"amount":1000', b'"amount":1'), signature
    yield "re-serialised", json.dumps(json.loads(raw)).encode(), signature
    yield "with a line break", raw + b"\n", signature
    now = clock.now().timestamp()
    yield "301 s old", *sandbox(app).write(told, now - 301)
    yield "from the future", *sandbox(app).write(told, now + 400)
    yield "signed nonsense", *_signed_nonsense(app)


def _signed_nonsense(app: Flask) -> tuple[bytes, str]:
    raw = b'{"kind":"succeeded"}'
    from_sandbox = sandbox(app)
    return raw, signatures.sign(from_sandbox._secret, raw)


def test_what_the_provider_did_not_sign_is_refused(
    app: Flask, hook: FlaskClient, payment: Document, db: Database, ops_db: Database, account: Account
) -> None:
    for name, raw, signature in forgeries(app, event(payment)):
        problem = assert_problem(post(hook, raw, signature), 400)
        assert problem["code"] == "bad_webhook_signature", name
    assert balance(db, account) == 0
    assert ops_db["paymentevents"].count_documents({}) == 0
    assert tell(hook, event(payment), clock.now().timestamp() - 298) == "applied"


def test_nobody_delivers_for_a_provider_that_is_not_in_use(hook: FlaskClient) -> None:
    assert_problem(hook.post(STRIPE_HOOK, json={}), 404)
    assert_problem(hook.post("/api/payments/webhooks/nobody", json={}), 404)


def test_only_what_is_not_signed_counts_against_the_limit(
    app: Flask, hook: FlaskClient, payment: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "RATE_LIMIT", Rate("default", 2, 3600))
    monkeypatch.setitem(app.extensions, "ratelimits", Counter())
    assert {tell(hook, event(payment)) for _ in range(5)} == {"applied", "known"}
    assert [post(hook, b"{}", "t=1,v1=x").status_code for _ in range(4)] == [400, 400, 429, 429]


def test_nothing_is_told_before_the_commit_and_nothing_is_kept_of_what_failed(
    app: Flask, hook: FlaskClient, payment: Document, db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, heard = event(payment), []
    failures = iter([RuntimeError("the worker dies here")])

    def fulfil(_payment: Document, _session: Any) -> str:
        if failure := next(failures, None):
            raise failure
        return "done"

    def announce(of: Document, effect: Any) -> None:
        heard.append((stored(db, of)["status"], effect))

    monkeypatch.setattr(purposes, "_registered", dict(purposes._registered))
    purposes.register(Purpose(SUBSCRIPTION, fulfil, lambda *_: None, announce))
    db["payments"].update_one({}, {"$set": {"type": SUBSCRIPTION}})

    def listen(name: str, room: str) -> None:
        heard.append((stored(db, payment)["status"], name))

    with realtime.emitted.connected_to(listen):
        assert_problem(post(hook, *sandbox(app).write(told)), 500)
        assert (heard, stored(db, payment)["status"]) == ([], "pending")
        assert ops_db["paymentevents"].count_documents({}) == 0
        assert tell(hook, told) == "applied"
    assert heard == [("completed", "done"), ("completed", "payment:updated")]


def test_a_purpose_that_this_revision_does_not_know_is_told_again_later(
    app: Flask, hook: FlaskClient, payment: Document, db: Database
) -> None:
    db["payments"].update_one({}, {"$set": {"type": "gift"}})
    assert_problem(post(hook, *sandbox(app).write(event(payment))), 503)
    assert stored(db, payment)["status"] == "pending"


PAYERS, EACH, SEED = 14, 25, 20_261_123


@pytest.mark.slow
def test_five_hundred_events_told_three_times_in_any_order_among_forgeries(
    app: Flask, hook: FlaskClient, db: Database, ops_db: Database
) -> None:
    """The row of the quality page: one credit each, every forgery refused."""
    random = Random(SEED)
    package = make_package(db, 90, 10, "10.00")
    tellings: list[Event] = []
    expected: dict[ObjectId, int] = {}
    for _ in range(PAYERS):
        payer = make_user(db)
        client = client_of(app, payer)
        expected[payer["_id"]] = 0
        for _ in range(EACH):
            payment = buy(client, package)["payment"]
            tellings.append(event(payment))
            given_back = random.choice((0, 0, 0, 500, 1000))
            tellings += [refunded(payment, given_back)] if given_back else []
            tellings += [declined(payment)] if random.random() < 0.2 else []
            expected[payer["_id"]] += 100 - given_back // 10
    assert len(tellings) >= 500
    deliveries = [told for told in tellings for _ in range(3)]
    random.shuffle(deliveries)

    def deliver(told: Event) -> str:
        return tell(client_of(app), told)

    forged = list(forgeries(app, deliveries[0]))
    for name, raw, signature in forged[: len(forged) // 2]:
        assert post(hook, raw, signature).status_code == 400, name
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(deliver, deliveries))
    for name, raw, signature in forged[len(forged) // 2 :]:
        assert post(hook, raw, signature).status_code == 400, name
    assert outcomes.count("duplicate") == 2 * len(tellings)
    assert {owner: balance(db, user(owner)) for owner in expected} == expected
    assert db["transactions"].count_documents({"type": "coin_purchase"}) == PAYERS * EACH
    assert ops_db["paymentevents"].count_documents({}) == len(tellings)
    assert_clean()
