"""The books are compared by the hour, by command and by alert; old balances enter them once."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from bson import ObjectId
from click.testing import CliRunner, Result
from flask import Flask
from pymongo.database import Database

from mixillo import create_app
from mixillo.blueprints.wallets.models import PAYOUTS
from mixillo.blueprints.wallets.queries import books, flows
from mixillo.blueprints.wallets.services import ledger, opening, reconciling, upkeep
from mixillo.blueprints.wallets.services.ledger import Note, Transfer, house
from mixillo.cli.money import money_group
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.db import transact
from mixillo.ops import alerts, jobs, metrics, migrations, reconciliations
from mixillo.ops.commands import OneSentence, Surroundings
from tests.factories.users import make_user
from tests.factories.wallets import give, make_rich_user
from tests.waiting import wait_until

Money = Callable[..., Result]
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def mixillo_money(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Money:
    """Run ``mixillo money …`` as the program does, against the tests' database."""
    group = OneSentence("mixillo", commands={"money": money_group})
    surroundings = Surroundings(create_app)
    monkeypatch.setitem(surroundings.__dict__, "settings", replace(settings, data_dir=str(tmp_path)))
    return lambda *arguments: CliRunner().invoke(group, ["money", *arguments], obj=surroundings)


def test_what_was_found_is_kept_with_what_had_moved_before_today(db: Database, ops_db: Database) -> None:
    owner = make_rich_user(db, 100)
    yesterday = clock.now() - timedelta(days=1)
    ops_db["transfers"].update_many({}, {"$set": {"at": yesterday}})
    give(owner.owner, 7)
    assert reconciling.reconcile_when_due(ops_db)
    kept = reconciliations.latest(ops_db)
    assert (kept["clean"], kept["driftCount"], kept["wallets"], kept["transfers"]) == (True, 0, 1, 2)
    assert [(row["kind"], row["source"], row["target"], row["amount"]) for row in kept["flows"]] == [
        ("bonus", "issued", "users", 100)
    ]
    assert [row["amount"] for row in flows.ever()] == [107]
    assert flows.deposits(flows.ever(), "coins") == 107


def test_the_books_are_compared_once_an_hour(ops_db: Database) -> None:
    assert reconciling.reconcile_when_due(ops_db)
    assert not reconciling.reconcile_when_due(ops_db)
    ops_db["reconciliations"].update_many({}, {"$set": {"at": clock.now() - timedelta(hours=2)}})
    assert reconciling.reconcile_when_due(ops_db)
    assert jobs.latest(ops_db, reconciling.KIND)["result"]["faults"] == 0


def test_a_hold_whose_time_is_over_is_given_up_by_itself(app: Flask, db: Database, ops_db: Database) -> None:
    owner = make_rich_user(db, 100)
    transfer, note = Transfer(owner, house(PAYOUTS), 80, "order"), {owner: Note("purchase", "An order")}
    soon = clock.now() - timedelta(seconds=1)
    transact(partial(ledger.hold, "order 1", transfer, note, expires_at=soon))
    upkeep.init_app(app)
    look = metrics.flusher_of(app).afterwards.pop()
    look()
    assert db["wallets"].find_one({"userId": owner.owner})["pending"] == 0
    wait_until(lambda: reconciliations.latest(ops_db))


def test_drift_pages_somebody(db: Database, ops_db: Database) -> None:
    owner = make_rich_user(db, 100)
    rule = next(rule for rule in alerts.RULES if rule.id == "money-drifting")
    assert rule.measure(ops_db, clock.now()).value is None
    db["wallets"].update_one({"userId": owner.owner}, {"$inc": {"balance": 5}})
    reconciling.reconcile_when_due(ops_db)
    # The wallet, and all coins together.
    assert rule.measure(ops_db, clock.now()).value == 2


def test_the_command_says_what_differs_and_ends_with_status_one(
    mixillo_money: Money, db: Database, ops_db: Database
) -> None:
    wallet = {"_id": ObjectId(), "userId": ObjectId(), "currency": "coins", "balance": 5}
    db["wallets"].insert_one(wallet)
    found = mixillo_money("reconcile", "--json")
    report = json.loads(found.stdout)
    assert (found.exit_code, report["faults"], report["driftCount"]) == (1, 2, 1)
    (drift,) = report["drifts"]
    assert drift["walletId"] == str(wallet["_id"])
    assert (drift["what"], drift["stored"], drift["ledger"]) == ("balance", 5, 0)
    assert f"balance of the wallet {wallet['_id']}: 5 coins, the ledger says 0" in mixillo_money("reconcile").output
    assert json.loads(mixillo_money("open", "--json").stdout) == {"opened": 1}
    assert ops_db["auditlog"].find_one({"action": "money.opened"})["changes"] == {"after": {"wallets": 1}}
    clean = mixillo_money("reconcile")
    assert (clean.exit_code, "0 faults" in clean.output) == (0, True)


def test_the_migration_lets_old_balances_enter_the_books_once(database: Database) -> None:
    ops = database.client[f"{database.name}_ops"]
    for number in range(3):
        database["wallets"].insert_one({"userId": ObjectId(), "currency": "USD", "balance": number + 0.1})
    migrations.upgrade(database, ops)
    assert opening.open_books(database, ops) == 0
    assert sorted(each["amount"] for each in ops["transfers"].find()) == [10, 110, 210]


def test_a_wallet_that_the_ledger_knows_is_not_opened(db: Database, ops_db: Database) -> None:
    owner = make_rich_user(db, 100)
    assert opening.open_books(db, ops_db) == 0
    db["wallets"].update_one({"userId": owner.owner}, {"$inc": {"balance": 5}})
    assert opening.open_books(db, ops_db) == 0
    assert books.reconcile().drift_count == 1


def test_a_reconciliation_sees_one_moment_while_money_moves(db: Database) -> None:
    one, other = make_rich_user(db, 1_000), ledger.user(make_user(db)["_id"])
    note = Note("transfer", "To and fro")
    moving = [Transfer(one, other, 1, "transfer")], {one: note, other: note}
    for number in range(20):
        transact(partial(ledger.post, ledger.Entry(f"move {number}", *moving)))
        assert books.reconcile().is_clean
