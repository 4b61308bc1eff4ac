"""One contract, two providers: the sandbox, and Stripe's own library against a server that speaks its language."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.payments.services import webhooks
from mixillo.blueprints.payments.services.errors import BadWebhook, PaymentRefused, PaymentsUnavailable
from mixillo.blueprints.payments.services.providers import (
    EXTENSION,
    FAILED,
    REFUNDED,
    SUCCEEDED,
    Checkout,
    Demand,
    Event,
)
from mixillo.blueprints.payments.services.providers.stripe import Stripe
from mixillo.blueprints.wallets.services.ledger import Account
from mixillo.core import clock
from tests.contracts.test_errors import assert_problem
from tests.factories.payments import STRIPE_HOOK, make_package, stored
from tests.factories.wallets import balance
from tests.payments.localstripe import BAD_CARD, GOOD_CARD, KEY, SECRET, LocalStripe, running
from tests.payments.payers import AtStripe, InTheSandbox, Payer

pytestmark = pytest.mark.usefixtures("db")
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    with running(tmp_path_factory.mktemp("localstripe")) as found:
        yield found


@pytest.fixture(params=["sandbox", "stripe"], name="at")
def payer_at(request: pytest.FixtureRequest) -> Payer:
    if request.param == "sandbox":
        return InTheSandbox()
    server: LocalStripe = request.getfixturevalue("server")
    return AtStripe(server)


def ask(payer: Payer, amount: int, currency: str = "USD", card: str = GOOD_CARD) -> tuple[ObjectId, Checkout]:
    demand = Demand(ObjectId(), amount, currency, "1,000 coins", payer.method(card))
    return demand.payment_id, payer.provider.open(demand)


def read(payer: Payer, told: tuple[bytes, str]) -> Event:
    event = payer.provider.read(*told)
    assert event
    return event


def facts(event: Event) -> tuple[Any, ...]:
    return event.kind, event.payment_id, event.amount, event.currency


def test_what_is_paid_is_told_with_our_name_for_it(at: Payer) -> None:
    payment_id, checkout = ask(at, 1099, "EUR")
    assert checkout.provider == at.provider.name
    assert checkout.client_secret or checkout.url
    at.pay(checkout.reference)
    event = read(at, at.told(SUCCEEDED, checkout.reference))
    assert facts(event) == (SUCCEEDED, payment_id, 1099, "EUR")
    assert (event.reference, event.refunded) == (checkout.reference, 0)


def test_what_is_declined_is_told_with_its_reason(at: Payer) -> None:
    payment_id, checkout = ask(at, 500, card=BAD_CARD)
    at.fail(checkout.reference)
    event = read(at, at.told(FAILED, checkout.reference))
    assert facts(event) == (FAILED, payment_id, 500, "USD")
    assert "declined" in event.reason


def test_in_the_sandbox_a_declined_payment_may_be_paid_with_another_card_and_a_paid_one_cannot_be_declined() -> None:
    payer = InTheSandbox()
    _, checkout = ask(payer, 500)
    payer.fail(checkout.reference)
    payer.pay(checkout.reference)
    assert read(payer, payer.told(SUCCEEDED, checkout.reference)).reference == checkout.reference
    with pytest.raises(PaymentRefused):
        payer.fail(checkout.reference)


def test_refunds_add_up(at: Payer) -> None:
    reference = ask(at, 1000)[1].reference
    at.pay(reference)
    for amount, in_all in ((300, 300), (200, 500)):
        at.provider.refund(reference, amount, str(ObjectId()))
        event = read(at, at.refund_event(reference))
        assert (event.kind, event.reference, event.refunded, event.amount) == (REFUNDED, reference, in_all, 1000)


def test_in_the_sandbox_a_refund_under_one_key_is_one_and_never_more_than_was_paid() -> None:
    payer = InTheSandbox()
    reference = ask(payer, 1000)[1].reference
    payer.pay(reference)
    for _ in range(2):
        payer.provider.refund(reference, 600, "one")
        assert read(payer, payer.told(REFUNDED, reference)).refunded == 600
    with pytest.raises(PaymentRefused):
        payer.provider.refund(reference, 401, "two")


def test_what_is_given_up_cannot_be_paid_any_more(at: Payer) -> None:
    reference = ask(at, 100)[1].reference
    assert at.provider.give_up(reference) is None
    with pytest.raises(Exception, match=r"given up|400"):
        at.pay(reference)


def test_giving_up_what_was_paid_tells_that_it_was(at: Payer) -> None:
    payment_id, checkout = ask(at, 100)
    at.pay(checkout.reference)
    event = at.provider.give_up(checkout.reference)
    assert event
    assert facts(event) == (SUCCEEDED, payment_id, 100, "USD")


def test_nobody_refunds_or_gives_up_what_is_not_there(at: Payer) -> None:
    with pytest.raises(PaymentRefused):
        at.provider.refund("pi_unknown", 100, str(ObjectId()))


def test_only_what_was_signed_now_is_believed(at: Payer) -> None:
    reference = ask(at, 100)[1].reference
    at.pay(reference)
    raw, signature = at.told(SUCCEEDED, reference)
    now = clock.now().timestamp()
    forgeries = [
        (raw, ""),
        (raw, "t=1"),
        (raw, "nonsense"),
        (raw, signature[:-1] + ("0" if signature[-1] != "0" else "1")),
        (raw.replace(b"100", b"900"), signature),
        (json.dumps(json.loads(raw), separators=(" ,", " : ")).encode(), signature),
        (raw, at.signed(raw, now - 301)),
        (b"\xff" + raw, signature),
    ]
    for forged, by in forgeries:
        with pytest.raises(BadWebhook):
            at.provider.read(forged, by)
    assert at.provider.read(raw, at.signed(raw, now - 298))


def test_of_stripe_only_what_is_about_payments_is_of_interest() -> None:
    provider = Stripe(KEY, SECRET)

    def told(kind: str, thing: dict[str, Any]) -> Event | None:
        raw = json.dumps({"id": "evt_1", "type": kind, "data": {"object": thing}})
        return provider.read(raw.encode(), stripe.WebhookSignature.generate_signature_header(raw, SECRET))

    assert told("customer.created", {"id": "cus_1"}) is None
    assert told("charge.refunded", {"id": "ch_1", "payment_intent": None}) is None
    with pytest.raises(BadWebhook):
        told("payment_intent.succeeded", {})
    # Of somebody else's payments on the same account we know nothing.
    intent = {"id": "pi_1", "amount": 5, "amount_received": 5, "currency": "usd", "metadata": {"paymentId": "17"}}
    event = told("payment_intent.succeeded", intent)
    assert event
    assert (event.payment_id, event.reference) == (None, "pi_1")


def test_a_payment_through_stripe_credits_the_coins_and_its_refund_takes_them_back(
    app: Flask,
    client: FlaskClient,
    admin: FlaskClient,
    hook: FlaskClient,
    db: Database,
    account: Account,
    server: LocalStripe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_stripe = AtStripe(server)
    monkeypatch.setitem(app.extensions, EXTENSION, at_stripe.provider)
    package = make_package(db, 900, 100, "10.00")
    body = {"packageId": str(package["_id"]), "paymentMethodId": at_stripe.method(GOOD_CARD)}
    bought = client.post("/api/coins/purchase", json=body).json["data"]
    payment, checkout = bought["payment"], bought["checkout"]
    assert checkout["clientSecret"].startswith(checkout["reference"])
    assert stored(db, payment)["stripePaymentIntentId"] == checkout["reference"]
    assert_problem(client.post(f"/api/payments/{payment['_id']}/sandbox/complete"), 404)
    at_stripe.pay(checkout["reference"])

    def deliver(told: tuple[bytes, str]) -> str:
        answer = hook.post(STRIPE_HOOK, data=told[0], headers={"Stripe-Signature": told[1]})
        assert answer.status_code == 200, answer.json
        return str(answer.json["data"]["outcome"])

    assert [deliver(at_stripe.told(SUCCEEDED, checkout["reference"])) for _ in range(2)] == ["applied", "duplicate"]
    assert balance(db, account) == 1000
    refund = {"amount": 2.5, "reason": "Bought by mistake"}
    answer = admin.post(f"/api/payments/{payment['_id']}/refund", json=refund)
    assert answer.status_code == 200, answer.json
    assert balance(db, account) == 1000  # Stripe tells of it later
    assert deliver(at_stripe.refund_event(checkout["reference"])) == "applied"
    assert balance(db, account) == 750


class Deaf(BaseHTTPRequestHandler):
    """Remembers what it was asked, and is of no use."""

    asked: list[tuple[str, str | None]] = []

    def do_POST(self) -> None:
        self.asked.append((self.path, self.headers["Idempotency-Key"]))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


def test_stripe_is_asked_again_under_one_key_and_its_silence_is_a_503(
    app: Flask, client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Deaf)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    Deaf.asked.clear()
    provider = Stripe(KEY, SECRET, f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setitem(app.extensions, EXTENSION, provider)
    body = {"packageId": str(make_package(db)["_id"])}
    for _ in range(2):
        answer = client.post("/api/coins/purchase", json=body, headers={"Idempotency-Key": "one"})
        assert assert_problem(answer, 503)["code"] == "payments_unavailable"
    with pytest.raises(PaymentsUnavailable):
        provider.refund("pi_1", 5, "key")
    server.shutdown()
    thread.join()
    server.server_close()
    (payment,) = db["payments"].find()
    assert payment["status"] == "pending"
    assert len(Deaf.asked) > 2  # the library tries again by itself
    assert set(Deaf.asked) == {
        ("/v1/payment_intents", f"payment-{payment['_id']}"),
        ("/v1/refunds", "refund-key"),
    }


@pytest.mark.slow
def test_stripes_library_is_imported_by_those_who_chose_it() -> None:
    program = (
        "import sys; from mixillo.config import Settings; from mixillo import create_app;"
        "create_app(Settings(mongodb_uri='mongodb://127.0.0.1:1/x', jwt_secret='a' * 40, jwt_refresh_secret='b' * 40,"
        " worker='gthread', payment_provider=sys.argv[1], stripe_secret_key='sk', stripe_webhook_secret='wh'));"
        "print('stripe' in sys.modules)"
    )
    for chosen, expected in (("sandbox", "False"), ("stripe", "True")):
        told = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program, chosen],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert told.stdout.strip() == expected, told.stderr


def test_events_of_no_interest_are_taken_and_forgotten(app: Flask, ops_db: Database) -> None:
    assert webhooks.take(InTheSandbox().provider, None) == "ignored"
    assert ops_db["paymentevents"].count_documents({}) == 0
