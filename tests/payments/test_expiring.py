"""A payment that nobody completes comes to an end, once, and not when it was paid after all."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo import create_app
from mixillo.blueprints.payments.cli import payments as payments_group
from mixillo.blueprints.payments.services import expiring
from mixillo.blueprints.payments.services.errors import PaymentsUnavailable
from mixillo.blueprints.payments.services.providers import Event
from mixillo.blueprints.payments.services.providers.sandbox import Sandbox
from mixillo.blueprints.wallets.services.ledger import Account
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops import metrics
from mixillo.ops.commands import OneSentence, Surroundings
from tests.contracts.test_errors import assert_problem
from tests.factories.payments import event, sandbox, stored, tell
from tests.factories.wallets import balance
from tests.payments.test_webhooks import assert_clean
from tests.waiting import wait_until

Document = dict[str, Any]


@pytest.fixture
def overdue(payment: Document, db: Database) -> Document:
    """A pending payment whose time is over."""
    db["payments"].update_one({}, {"$set": {"expiresAt": clock.now() - timedelta(seconds=1)}})
    return payment


def test_a_payment_may_be_pending_as_long_as_the_setting_says(app: Flask, payment: Document, db: Database) -> None:
    document = stored(db, payment)
    minutes = app.config["SETTINGS"].payment_minutes
    assert abs(document["expiresAt"] - document["createdAt"] - timedelta(minutes=minutes)) < timedelta(seconds=5)
    assert expiring.expire(sandbox(app)) == 0
    assert stored(db, payment)["status"] == "pending"


def test_one_that_nobody_completes_is_cancelled_here_and_at_the_provider(
    app: Flask, client: FlaskClient, overdue: Document, db: Database
) -> None:
    assert [expiring.expire(sandbox(app)) for _ in range(2)] == [1, 0]
    after = stored(db, overdue)
    assert (after["status"], after["failureReason"]) == ("cancelled", "It was not paid in time")
    assert_problem(client.post(f"/api/payments/{overdue['_id']}/sandbox/complete"), 409)


def test_money_that_was_taken_all_the_same_is_credited(
    app: Flask, hook: FlaskClient, overdue: Document, db: Database, account: Account
) -> None:
    expiring.expire(sandbox(app))
    assert tell(hook, event(overdue)) == "applied"
    assert (stored(db, overdue)["status"], balance(db, account)) == ("completed", 1000)
    assert_clean()


def test_one_that_was_paid_and_whose_event_got_lost_is_completed_instead(
    app: Flask, hook: FlaskClient, overdue: Document, db: Database, ops_db: Database, account: Account
) -> None:
    ops_db["sandboxpayments"].update_one({}, {"$set": {"state": "succeeded"}})
    assert expiring.expire(sandbox(app)) == 0
    assert (stored(db, overdue)["status"], balance(db, account)) == ("completed", 1000)
    assert tell(hook, event(overdue)) == "known"
    assert_clean()


def test_one_of_a_provider_that_does_not_answer_waits(app: Flask, overdue: Document, db: Database) -> None:
    class Silent(Sandbox):
        def give_up(self, reference: str) -> Event | None:
            raise PaymentsUnavailable

    assert expiring.expire(Silent("secret", "", print)) == 0
    assert stored(db, overdue)["status"] == "pending"


def test_one_that_never_reached_a_provider_is_cancelled(app: Flask, overdue: Document, db: Database) -> None:
    db["payments"].update_one({}, {"$unset": {"providerReference": ""}})
    assert expiring.expire(sandbox(app)) == 1
    assert expiring.expire(None) == 0


def test_the_service_looks_for_them_by_itself(
    app: Flask, overdue: Document, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    followers: list[Any] = []
    monkeypatch.setattr(metrics.flusher_of(app), "afterwards", followers)
    expiring.init_app(app)
    for _ in range(2):
        metrics.flusher_of(app).run()
    assert len(followers) == 1
    wait_until(lambda: stored(db, overdue)["status"] == "cancelled")


def test_the_command_does_so_for_services_without_traffic(
    settings: Settings, overdue: Document, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    surroundings = Surroundings(create_app)
    monkeypatch.setitem(surroundings.__dict__, "settings", settings)
    group = OneSentence("mixillo", commands={"payments": payments_group})
    command = ["payments", "expire"]
    told = CliRunner().invoke(group, [*command, "--json"], obj=surroundings).output
    assert json.loads(told) == {"expired": 1}
    told = CliRunner().invoke(group, command, obj=surroundings).output
    assert told == "0 payments were not paid in time.\n"
    assert stored(db, overdue)["status"] == "cancelled"
