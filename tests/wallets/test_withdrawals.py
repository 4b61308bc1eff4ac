"""Withdrawals: only what was earned leaves, once, when an administrator says so, and nobody reads where to."""

from contextlib import suppress
from functools import partial

import pytest
from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.wallets.models import REVENUE
from mixillo.blueprints.wallets.services import ledger, withdrawals
from mixillo.blueprints.wallets.services.ledger import Account, Entry, Note, Transfer, house
from mixillo.core.db import transact
from tests.factories.wallets import balance, earn, make_rich_user
from tests.wallets.test_ledger import assert_clean, present, run_all

pytestmark = pytest.mark.usefixtures("app")
ADMIN = {"kind": "user", "name": "ada"}
BANK = {"iban": "DE02 1203 0000 0000 2020 51"}


def ask(account: Account, amount: int, operation_id: ObjectId | None = None) -> ObjectId:
    held = withdrawals.request(
        account, amount, method="bank", account_details=BANK, operation_id=operation_id or ObjectId()
    )
    return withdrawals.id_of(held)


def approve(withdrawal: ObjectId) -> None:
    withdrawals.approve(withdrawal, actor=ADMIN, operation_id=ObjectId())


def reject(withdrawal: ObjectId) -> None:
    withdrawals.reject(withdrawal, "No such account", actor=ADMIN, operation_id=ObjectId())


def wallet_of(db: Database, account: Account) -> dict[str, int]:
    return db["wallets"].find_one({"userId": account.owner, "currency": account.currency})


def test_only_what_was_earned_can_be_withdrawn(db: Database) -> None:
    creator = make_rich_user(db, 100)
    with pytest.raises(ledger.NotEarned) as refused:
        ask(creator, 1)
    assert refused.value.extensions == {"currency": "coins", "required": 1, "available": 0}
    earn(creator, 50)
    with pytest.raises(ledger.NotEarned):
        ask(creator, 51)
    with pytest.raises(ledger.InsufficientFunds) as refused:
        ask(creator, 151)
    assert refused.value.code == "insufficient_funds"
    ask(creator, 50)
    wallet = wallet_of(db, creator)
    assert (wallet["balance"], wallet["pending"], wallet["withdrawableBalance"]) == (150, 50, 0)
    assert_clean()


def test_what_was_not_earned_is_spent_first(db: Database) -> None:
    creator, other = make_rich_user(db, 100), make_rich_user(db, 1)
    earn(creator, 50)
    transact(partial(ledger.post, present(creator, other, 90)))
    assert wallet_of(db, creator)["withdrawableBalance"] == 50
    transact(partial(ledger.post, present(creator, other, 40)))
    assert wallet_of(db, creator)["withdrawableBalance"] == 20


def test_an_earning_that_is_reversed_is_none(db: Database) -> None:
    sender, creator = make_rich_user(db, 100), make_rich_user(db, 100)
    transact(partial(ledger.post, present(sender, creator, 100, "gift 1")))
    assert wallet_of(db, creator)["withdrawableBalance"] == 70
    transact(partial(ledger.reverse, "gift 1", Note("refund", "Sent by mistake")))
    wallet = wallet_of(db, creator)
    assert (wallet["totalEarnings"], wallet["withdrawableBalance"], wallet["balance"]) == (0, 0, 100)


def test_an_approved_withdrawal_leaves_and_its_row_keeps_its_id(db: Database) -> None:
    creator = make_rich_user(db, 0 + 1)
    earn(creator, 80)
    withdrawal = ask(creator, 80)
    pending = db["transactions"].find_one({"userId": creator.owner, "status": "pending"})
    assert (pending["amount"], pending["type"]) == (-80, "withdrawal")
    approve(withdrawal)
    done = db["transactions"].find_one({"_id": pending["_id"]})
    assert (done["status"], done["balanceBefore"], done["balanceAfter"]) == ("completed", 81, 1)
    assert done["createdAt"] == pending["createdAt"]
    wallet = wallet_of(db, creator)
    assert (wallet["lifetimeWithdrawals"], wallet["withdrawableBalance"], wallet["pending"]) == (80, 0, 0)
    assert_clean()


def test_a_rejected_withdrawal_can_be_asked_for_again(db: Database) -> None:
    creator = make_rich_user(db, 1)
    earn(creator, 80)
    reject(ask(creator, 80))
    row = db["transactions"].find_one({"userId": creator.owner, "type": "withdrawal"})
    assert (row["status"], row["failureReason"]) == ("cancelled", "No such account")
    approve(ask(creator, 80))
    assert balance(db, creator) == 1
    assert_clean()


def test_a_withdrawal_is_decided_once_and_a_repeated_decision_finds_what_was_decided(db: Database) -> None:
    creator = make_rich_user(db, 1)
    earn(creator, 80)
    withdrawal, operation = ask(creator, 80), ObjectId()
    first = withdrawals.approve(withdrawal, actor=ADMIN, operation_id=operation)
    assert withdrawals.approve(withdrawal, actor=ADMIN, operation_id=operation) == first
    for again in (approve, reject):
        with pytest.raises(ledger.AlreadyResolved):
            again(withdrawal)
    with pytest.raises(withdrawals.WithdrawalNotFound):
        approve(ObjectId())


def test_repeating_a_request_sets_nothing_more_aside(db: Database) -> None:
    creator, operation = make_rich_user(db, 1), ObjectId()
    earn(creator, 80)
    assert ask(creator, 80, operation) == ask(creator, 80, operation) == operation
    assert wallet_of(db, creator)["pending"] == 80


def test_requests_at_the_same_moment_share_what_was_earned(db: Database) -> None:
    creator = make_rich_user(db, 1_000)
    earn(creator, 100)
    asked: list[ObjectId] = []

    def grab() -> None:
        with suppress(ledger.NotEarned):
            asked.append(ask(creator, 60))

    run_all([grab] * 6)
    assert len(asked) == 1
    assert_clean()


def test_nothing_is_paid_from_a_wallet_that_was_frozen_meanwhile(db: Database) -> None:
    creator = make_rich_user(db, 1)
    earn(creator, 80)
    withdrawal = ask(creator, 80)
    db["wallets"].update_one({"userId": creator.owner}, {"$set": {"isLocked": True}})
    with pytest.raises(ledger.WalletFrozen):
        approve(withdrawal)
    reject(withdrawal)
    assert_clean()


def test_a_part_that_is_posted_lets_the_rest_be_withdrawn(db: Database) -> None:
    creator = make_rich_user(db, 1)
    earn(creator, 80)
    held = withdrawals.hold_id_of(ask(creator, 80))
    transact(partial(ledger.post_hold, held, amount=30))
    assert wallet_of(db, creator)["withdrawableBalance"] == 50
    assert_clean()


def test_where_the_money_goes_is_with_the_hold_only(db: Database, ops_db: Database) -> None:
    creator = make_rich_user(db, 1)
    earn(creator, 80)
    withdrawal = ask(creator, 80)
    reject(withdrawal)
    assert withdrawals.find(withdrawal)["details"]["accountDetails"] == BANK
    elsewhere = [*db["transactions"].find(), *ops_db["transfers"].find(), *ops_db["auditlog"].find()]
    assert ops_db["auditlog"].count_documents({"action": "withdrawal.rejected"}) == 1
    assert BANK["iban"] not in str(elsewhere)


def test_a_fee_of_the_house_is_no_withdrawal(db: Database) -> None:
    owner = make_rich_user(db, 10)
    fee = Entry("fee 1", [Transfer(owner, house(REVENUE), 4, "fee")], {owner: Note("commission", "A fee")})
    transact(partial(ledger.post, fee))
    assert wallet_of(db, owner)["lifetimeWithdrawals"] == 0
