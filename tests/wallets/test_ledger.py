"""The ledger: every coin is somewhere, once, and nobody spends what is not there."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.wallets.models import ISSUED, PAYOUTS, REVENUE
from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services import ledger, opening
from mixillo.blueprints.wallets.services.ledger import Account, Entry, Note, Posted, Transfer, house
from mixillo.core import clock
from mixillo.core.db import transact
from tests.factories.users import make_user
from tests.factories.wallets import balance, give, make_rich_user

pytestmark = pytest.mark.usefixtures("app")
SENT, RECEIVED = Note("gift_sent", "1 × Rose"), Note("gift_received", "1 × Rose", is_earning=True)


def present(sender: Account, creator: Account, cost: int, entry_id: str = "") -> Entry:
    """Return the entry of a gift, of which the creator gets 70 %."""
    earned = cost * 70 // 100
    transfers = [Transfer(sender, house(REVENUE), cost - earned, "gift_fee")]
    if earned:
        transfers.append(Transfer(sender, creator, earned, "gift_earnings"))
    notes = {sender: SENT, creator: RECEIVED}
    return Entry(entry_id or f"gift {ObjectId()}", transfers, notes)


def book(entry: Entry) -> Posted:
    return transact(partial(ledger.post, entry), turns_of=[each.owner for each in entry.accounts if not each.is_house])


def assert_clean() -> None:
    found = books.reconcile()
    assert found.drifts == []
    assert found.off_balance == dict.fromkeys(found.off_balance, 0)
    assert found.negative == 0


def test_an_entry_moves_what_it_says_and_shows_it_to_each_owner(db: Database) -> None:
    sender, creator = make_rich_user(db, 100), make_rich_user(db, 5)
    posted = book(present(sender, creator, 50))
    assert (balance(db, sender), balance(db, creator)) == (50, 40)
    row = posted.rows[sender]
    assert (row["amount"], row["balanceBefore"], row["balanceAfter"], row["type"]) == (-50, 100, 50, "gift_sent")
    assert posted.wallets[creator]["totalEarnings"] == 35
    assert books.reconcile().house[REVENUE]["coins"] == 15
    assert_clean()


def test_nobody_spends_more_than_there_is(db: Database) -> None:
    sender, creator = make_rich_user(db, 49), make_rich_user(db, 1)
    with pytest.raises(ledger.InsufficientFunds) as refused:
        book(present(sender, creator, 50))
    assert refused.value.extensions == {"currency": "coins", "required": 50, "available": 49}
    assert (balance(db, sender), balance(db, creator)) == (49, 1)
    assert_clean()


def test_a_wallet_that_is_not_there_is_empty_and_is_made_by_the_first_credit(db: Database) -> None:
    nobody, creator = ledger.user(make_user(db)["_id"]), ledger.user(make_user(db)["_id"])
    with pytest.raises(ledger.InsufficientFunds):
        book(present(nobody, creator, 1))
    assert db["wallets"].count_documents({"userId": {"$in": [nobody.owner, creator.owner]}}) == 0
    book(present(make_rich_user(db, 10), creator, 10))
    assert balance(db, creator) == 7


def test_an_entry_is_booked_once(db: Database) -> None:
    sender, creator = make_rich_user(db, 100), make_rich_user(db, 1)
    book(present(sender, creator, 10, "gift 1"))
    with pytest.raises(ledger.AlreadyPosted):
        book(present(sender, creator, 10, "gift 1"))
    assert balance(db, sender) == 90
    assert_clean()


def test_repeating_what_emptied_the_wallet_says_that_it_was_done(db: Database) -> None:
    sender, creator = make_rich_user(db, 10), make_rich_user(db, 1)
    book(present(sender, creator, 10, "gift 1"))
    with pytest.raises(ledger.AlreadyPosted):
        book(present(sender, creator, 10, "gift 1"))
    hold = partial(ledger.hold, "w", Transfer(creator, house(PAYOUTS), 8, "withdrawal"), {creator: SENT})
    transact(hold)
    with pytest.raises(ledger.AlreadyPosted):
        transact(hold)


def test_nothing_leaves_a_frozen_wallet_but_it_may_receive(db: Database) -> None:
    sender, creator = make_rich_user(db, 100), make_rich_user(db, 100)
    db["wallets"].update_one({"userId": sender.owner}, {"$set": {"isLocked": True, "lockReason": "Under review"}})
    with pytest.raises(ledger.WalletFrozen, match="Under review"):
        book(present(sender, creator, 10))
    book(present(creator, sender, 10))
    assert (balance(db, sender), balance(db, creator)) == (107, 90)


def test_what_is_on_hold_cannot_be_spent_and_is_free_again_when_it_is_voided(db: Database) -> None:
    owner, creator = make_rich_user(db, 100), make_rich_user(db, 1)
    withdrawal = Transfer(owner, house(PAYOUTS), 80, "withdrawal")
    note = {owner: Note("withdrawal", "To your bank")}
    transact(partial(ledger.hold, "withdrawal 1", withdrawal, note))
    with pytest.raises(ledger.InsufficientFunds):
        book(present(owner, creator, 21))
    assert_clean()
    voided = transact(partial(ledger.void, "withdrawal 1", reason="The account is closed"))
    assert voided.rows[owner]["status"] == "cancelled"
    book(present(owner, creator, 100))
    assert_clean()


@pytest.mark.parametrize("part", [None, 30])
def test_a_hold_is_posted_once_and_what_is_left_is_free(db: Database, part: int | None) -> None:
    owner = make_rich_user(db, 100)
    withdrawal = Transfer(owner, house(PAYOUTS), 80, "withdrawal")
    transact(partial(ledger.hold, "w", withdrawal, {owner: Note("withdrawal", "To your bank")}))
    posted = transact(partial(ledger.post_hold, "w", amount=part))
    assert posted.rows[owner]["balanceAfter"] == 100 - (part or 80)
    assert posted.wallets[owner]["pending"] == 0
    for again in (partial(ledger.post_hold, "w"), partial(ledger.void, "w", reason="late")):
        with pytest.raises(ledger.AlreadyResolved):
            transact(again)
    assert db["transactions"].count_documents({"userId": owner.owner, "status": "pending"}) == 0
    assert_clean()


def test_a_hold_whose_time_is_over_is_given_up(db: Database) -> None:
    owner = make_rich_user(db, 100)
    transfer, note = Transfer(owner, house(REVENUE), 80, "order"), {owner: Note("purchase", "An order")}
    soon = clock.now() - timedelta(seconds=1)
    transact(partial(ledger.hold, "order 1", transfer, note, expires_at=soon))
    transact(partial(ledger.hold, "order 2", Transfer(owner, house(REVENUE), 5, "order"), note))
    assert len(ledger.expire()) == 1
    assert ledger.expire() == []
    assert db["wallets"].find_one({"userId": owner.owner})["pending"] == 5
    assert_clean()


def test_an_entry_is_reversed_once(db: Database) -> None:
    sender, creator = make_rich_user(db, 100), make_rich_user(db, 1)
    book(present(sender, creator, 50, "gift 7"))
    back = partial(ledger.reverse, "gift 7", Note("refund", "The gift was sent by mistake"))
    transact(back)
    assert (balance(db, sender), balance(db, creator)) == (100, 1)
    with pytest.raises(ledger.AlreadyPosted):
        transact(back)
    with pytest.raises(ledger.EntryNotFound):
        transact(partial(ledger.reverse, "gift 8", Note("refund", "x")))
    assert_clean()


def test_refunded_coins_that_are_gifted_already_become_a_debt_of_the_buyer(db: Database) -> None:
    buyer, creator = make_rich_user(db, 100), make_rich_user(db, 1)
    book(present(buyer, creator, 70))
    posted = transact(partial(ledger.claw_back, "refund 1", buyer, 100, Note("refund", "Your purchase was refunded")))
    assert (posted.wallets[buyer]["balance"], posted.wallets[buyer]["debt"]) == (0, 70)
    assert balance(db, creator) == 50
    assert_clean()
    give(buyer.owner, 50)  # type: ignore[arg-type]
    wallet = db["wallets"].find_one({"userId": buyer.owner})
    assert (wallet["balance"], wallet["debt"]) == (0, 20)
    give(buyer.owner, 50)  # type: ignore[arg-type]
    wallet = db["wallets"].find_one({"userId": buyer.owner})
    assert (wallet["balance"], wallet["debt"]) == (30, 0)
    assert_clean()


def test_money_of_a_country_is_counted_to_the_cent(db: Database, ops_db: Database) -> None:
    owner, other = ledger.user(make_user(db)["_id"], "USD"), ledger.user(make_user(db)["_id"], "USD")
    db["wallets"].insert_one({"userId": owner.owner, "currency": "USD", "balance": 0.3})
    assert opening.open_books(db, ops_db) == 1
    for cents in (10, 10, 10):
        note = Note("transfer", "One by one")
        book(Entry(str(ObjectId()), [Transfer(owner, other, cents, "transfer")], {owner: note, other: note}))
    assert (balance(db, owner), balance(db, other)) == (0, 30)
    with pytest.raises(ledger.InsufficientFunds):
        book(Entry("x", [Transfer(owner, other, 1, "transfer")], {owner: SENT, other: RECEIVED}))
    assert_clean()


def test_balances_of_the_existing_system_enter_the_books_once(db: Database, ops_db: Database) -> None:
    for number in (12, 0, -3):
        db["wallets"].insert_one({"userId": make_user(db)["_id"], "currency": "coins", "balance": float(number)})
    assert books.reconcile().drift_count == 2
    assert opening.open_books(db, ops_db) == 2
    assert opening.open_books(db, ops_db) == 0
    found = books.reconcile()
    assert (found.drifts, found.negative, found.house[ISSUED]["coins"]) == ([], 1, -9)


@pytest.mark.parametrize("field", ["balance", "pending", "debt"])
def test_a_wallet_that_was_changed_by_hand_drifts(db: Database, field: str) -> None:
    owner = make_rich_user(db, 100)
    db["wallets"].update_one({"userId": owner.owner}, {"$inc": {field: 5}})
    (drift,) = books.reconcile().drifts
    assert (drift.what, drift.stored - drift.ledger, drift.userId) == (field, 5, owner.owner)


def test_a_row_that_is_missing_drifts(db: Database) -> None:
    owner = make_rich_user(db, 100)
    db["transactions"].delete_one({"userId": owner.owner})
    assert [drift.what for drift in books.reconcile().drifts] == ["rows"]


def test_many_at_once_on_few_wallets_lose_nothing_and_make_nothing(app: Flask, db: Database) -> None:
    accounts = [make_rich_user(db, 1_000) for _ in range(4)]
    failures: list[BaseException] = []

    def spend(seed: int) -> None:
        random = Random(seed)
        for number in range(25):
            sender, creator = random.sample(accounts, 2)
            try:
                book(present(sender, creator, random.randint(1, 60), f"{seed} {number}"))
            except ledger.InsufficientFunds:
                continue
            except Exception as error:  # whatever it is, the test shows it
                failures.append(error)

    run_all([partial(spend, seed) for seed in range(8)])
    assert failures == []
    assert_clean()


def run_all(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
