"""The demo's ledger is what the product's own would have written."""

from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.wallets.models import HOLDS, ISSUED, PAYOUTS, REVENUE, TRANSFERS
from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services import ledger, withdrawals
from mixillo.blueprints.wallets.services.ledger import Account, Entry, Note, Transfer, house, user
from mixillo.core.db import transact
from mixillo.core.money import house_wallet_id
from mixillo.ops.datasets import load
from tests.factories.users import make_user

pytestmark = pytest.mark.slow

Document = dict[str, Any]
HOUSE = (ISSUED, REVENUE, PAYOUTS)
# What only one of the two has: Mongoose's stamp and the mark of a dataset.
STAMPS = {"__v", "dataset"}
KINDS = ("bonus", "coin_purchase", "gift_sent", "transfer", "withdrawal")


def shape(document: Document) -> dict[str, str]:
    """Return which fields a document has, of which kind."""
    kinds = {name: type(value).__name__.replace("Int64", "int") for name, value in document.items()}
    return {name: kind for name, kind in kinds.items() if name not in STAMPS}


@pytest.fixture
def demo(db: Database, ops_db: Database) -> Database:
    """The demo in the tests' database."""
    load(db, "demo", demo_password="a password of the tests", journal=ops_db["datasets"])
    return db


def test_the_books_of_the_demo_balance_and_its_withdrawals_can_be_decided(demo: Database, ops_db: Database) -> None:
    found = books.reconcile()
    assert (found.drifts, found.negative, found.wallets) == ([], 0, 500)
    assert found.off_balance == dict.fromkeys(found.off_balance, 0)
    assert found.transfers > 5_000
    first, second = list(ops_db[HOLDS].find(limit=2))
    actor = {"kind": "user", "name": "ada"}
    withdrawals.approve(withdrawals.id_of(first), actor=actor, operation_id=ObjectId())
    withdrawals.reject(withdrawals.id_of(second), "No", actor=actor, operation_id=ObjectId())
    assert books.reconcile().is_clean


def test_the_books_of_the_report_balance(db: Database, ops_db: Database) -> None:
    load(db, "report", journal=ops_db["datasets"])
    found = books.reconcile()
    assert (found.is_clean, found.wallets, found.transfers) == (True, 6, 0)


def test_what_the_demo_holds_is_what_the_ledger_writes(demo: Database, ops_db: Database) -> None:
    for kind in KINDS:
        _compare(demo, ops_db, kind)
    waiting = ops_db[HOLDS].find_one()
    account = user(make_user(demo)["_id"])
    note = Note("earning", "x", is_earning=True)
    transact(partial(ledger.post, Entry("e", [Transfer(house(REVENUE), account, 10_000, "x")], {account: note})))
    details = waiting["details"]
    made = withdrawals.request(
        account, int(waiting["amount"]), method=details["method"], account_details=details["accountDetails"],
        operation_id=ObjectId(),
    )  # fmt: skip
    assert shape(made) == shape(waiting)
    assert shape(made["notes"][0]) == shape(waiting["notes"][0])
    rows = [demo["transactions"].find_one({"_id": hold["rowId"]}) for hold in (made, waiting)]
    assert shape(rows[0]) == shape(rows[1])


def _compare(demo: Database, ops_db: Database, kind: str) -> None:
    """Post what the first entry with a row of type ``kind`` says once more, for other people, and compare."""
    row = demo["transactions"].find_one({"type": kind, "status": "completed"})
    told = list(ops_db[TRANSFERS].find({"entryId": row["entryId"]}, sort=[("_id", 1)]))
    seen = {each["walletId"]: each for each in demo["transactions"].find({"entryId": row["entryId"]})}
    accounts = {wallet: Account(make_user(demo)["_id"], "coins") for wallet in seen}
    houses = {account: next(each for each in told if account in (each["debit"], each["credit"]))
              for account in (house_wallet_id(name, "coins") for name in HOUSE)
              if any(account in (each["debit"], each["credit"]) for each in told)}  # fmt: skip
    names = {house_wallet_id(name, "coins"): house(name) for name in HOUSE}
    known = accounts | {key: names[key] for key in houses}
    for wallet, account in accounts.items():  # so that each can afford it
        give = Note("bonus", "x")
        entry = Entry(f"funds {kind} {wallet}", [Transfer(house(ISSUED), account, 10**6, "bonus")], {account: give})
        transact(partial(ledger.post, entry))
    moves = [Transfer(known[each["debit"]], known[each["credit"]], int(each["amount"]), each["kind"]) for each in told]
    notes = {account: _note(seen[wallet]) for wallet, account in accounts.items()}
    posted = transact(partial(ledger.post, Entry(f"again {kind}", moves, notes)))
    written = list(ops_db[TRANSFERS].find({"entryId": f"again {kind}"}, sort=[("_id", 1)]))
    assert [shape(each) for each in written] == [shape(each) for each in told]
    assert [(each["amount"], each["kind"]) for each in written] == [(each["amount"], each["kind"]) for each in told]
    for wallet, account in accounts.items():
        assert shape(posted.rows[account]) == shape(seen[wallet])
        assert posted.rows[account]["amount"] == seen[wallet]["amount"]
        assert (
            shape(posted.wallets[account]).items() - {("lastWithdrawalAt", "datetime")}
            <= shape(demo["wallets"].find_one({"_id": wallet})).items()
        )


def _note(row: Document) -> Note:
    base = {"_id", "userId", "walletId", "type", "amount", "currency", "description", "status", "balanceBefore",
            "balanceAfter", "entryId", "isEarning", "completedAt", "createdAt", "updatedAt", "__v"}  # fmt: skip
    fields = {name: value for name, value in row.items() if name not in base}
    return Note(row["type"], row["description"], fields, is_earning=row.get("isEarning", False))
