"""The ledger against a model of it: whatever is done in whatever order, wallets hold what the model says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)
from pymongo.database import Database

from mixillo.blueprints.wallets.models import ISSUED, PAYOUTS, REVENUE
from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Account, Entry, Note, Posted, Transfer, house, user
from mixillo.core import clock, money
from mixillo.core.db import database, transact

pytestmark = pytest.mark.usefixtures("app")
PEOPLE = 3
coins = st.integers(1, 120)
people = st.integers(0, PEOPLE - 1)
GIVEN, PAID = Note("transfer", "Something"), Note("withdrawal", "To your bank")
EARNED = Note("gift_received", "1 × Rose", is_earning=True)
REFUSED = (ledger.InsufficientFunds, ledger.WalletFrozen)


@dataclass
class Purse:
    """What the model thinks of a wallet."""

    balance: int = 0
    pending: int = 0
    debt: int = 0
    earned: int = 0
    total_earned: int = 0
    withdrawn: int = 0
    is_frozen: bool = False

    @property
    def available(self) -> int:
        return self.balance - self.pending

    def may_lose(self, amount: int) -> bool:
        return amount == 0 or (not self.is_frozen and self.available >= amount)

    def move(self, arriving: int, leaving: int, *, earning: bool = False) -> None:
        self.balance += arriving - leaving
        if earning:
            self.total_earned += arriving - leaving
            self.earned += arriving - leaving
        self.bound()

    def repay(self, arriving: int) -> None:
        if not self.is_frozen:
            paid = min(self.debt, arriving)
            self.debt -= paid
            self.balance -= paid
            self.bound()

    def bound(self) -> None:
        self.earned = max(0, min(self.earned, self.balance))


@dataclass(frozen=True)
class Held:
    """A hold that is open."""

    id: str
    who: int
    amount: int
    of_earnings: bool


@dataclass(frozen=True)
class Done:
    """An entry that was posted: who moved how much (below zero: left), and who earned it."""

    entry: Entry
    moves: dict[int, int]
    earners: frozenset[int] = field(default_factory=frozenset)


class Books(RuleBasedStateMachine):
    """Does things to the ledger and to the model alike; each run has people of its own."""

    holds = Bundle("holds")
    entries = Bundle("entries")

    @initialize()
    def open(self) -> None:
        self.accounts = [user(ObjectId()) for _ in range(PEOPLE)]
        self.purses = [Purse() for _ in range(PEOPLE)]
        self.late: list[Held] = []

    def try_to(self, work: Callable[[Any], Posted], *, allowed: bool) -> bool:
        """Do ``work`` in a transaction; it must be refused exactly where it is not ``allowed``."""
        if allowed:
            transact(work)
        else:
            with pytest.raises(REFUSED):
                transact(work)
        return allowed

    def post(self, moves: list[tuple[Any, Any, int]], earners: frozenset[int] = frozenset()) -> Any:
        """Post an entry of ``moves`` between people (by number) and accounts of the house (by name)."""
        transfers = [Transfer(self.account(a), self.account(b), amount, "test") for a, b, amount in moves if amount]
        arriving, leaving = [0] * PEOPLE, [0] * PEOPLE
        for source, target, amount in moves:
            if isinstance(source, int):
                leaving[source] += amount
            if isinstance(target, int):
                arriving[target] += amount
        moved = {i: arriving[i] - leaving[i] for i in range(PEOPLE) if arriving[i] or leaving[i]}
        notes = {self.accounts[i]: EARNED if i in earners else GIVEN for i in moved}
        entry = Entry(str(ObjectId()), transfers, notes)
        allowed = all(self.purses[i].may_lose(leaving[i]) for i in moved)
        if not self.try_to(partial(ledger.post, entry), allowed=allowed):
            return multiple()
        for i in moved:
            self.purses[i].move(arriving[i], leaving[i], earning=i in earners)
        for i in moved:
            self.purses[i].repay(arriving[i])
        return Done(entry, moved, earners)

    def account(self, which: int | str) -> Account:
        return self.accounts[which] if isinstance(which, int) else house(which)

    @rule(target=entries, who=people, amount=coins)
    def issue(self, who: int, amount: int) -> Any:
        return self.post([(ISSUED, who, amount)])

    @rule(target=entries, sender=people, creator=people, amount=coins)
    def give(self, sender: int, creator: int, amount: int) -> Any:
        if sender == creator:
            return multiple()
        earned = amount * 70 // 100
        return self.post(
            [(sender, creator, earned), (sender, REVENUE, amount - earned)], frozenset({creator} if earned else ())
        )

    @rule(target=entries, sender=people, recipient=people, amount=coins)
    def transfer(self, sender: int, recipient: int, amount: int) -> Any:
        return self.post([(sender, recipient, amount)]) if sender != recipient else multiple()

    @rule(done=entries)
    def repeat(self, done: Done) -> None:
        with pytest.raises(ledger.AlreadyPosted):
            transact(partial(ledger.post, done.entry))

    @rule(done=consumes(entries))
    def reverse(self, done: Done) -> None:
        back = {i: -step for i, step in done.moves.items()}
        allowed = all(self.purses[i].may_lose(max(0, -step)) for i, step in back.items())
        if not self.try_to(partial(ledger.reverse, done.entry.id, GIVEN), allowed=allowed):
            return
        for i, step in back.items():
            self.purses[i].move(max(0, step), max(0, -step), earning=i in done.earners)
        for i, step in back.items():
            self.purses[i].repay(max(0, step))
        with pytest.raises(ledger.AlreadyPosted):
            transact(partial(ledger.reverse, done.entry.id, GIVEN))

    @rule(target=holds, who=people, amount=coins, of_earnings=st.booleans())
    def hold(self, who: int, amount: int, of_earnings: bool) -> Any:
        return self.set_aside(who, amount, of_earnings=of_earnings, expires_in=None)

    @rule(who=people, amount=coins, of_earnings=st.booleans())
    def hold_for_no_time(self, who: int, amount: int, of_earnings: bool) -> None:
        self.set_aside(who, amount, of_earnings=of_earnings, expires_in=timedelta(seconds=-1))

    def set_aside(self, who: int, amount: int, *, of_earnings: bool, expires_in: timedelta | None) -> Any:
        purse, account, key = self.purses[who], self.accounts[who], str(ObjectId())
        allowed = purse.may_lose(amount) and (not of_earnings or purse.earned >= amount)
        ends = clock.now() + expires_in if expires_in else None
        transfer = Transfer(account, house(PAYOUTS), amount, "withdrawal")
        work = partial(ledger.hold, key, transfer, {account: PAID}, of_earnings=of_earnings, expires_at=ends)
        if not self.try_to(work, allowed=allowed):
            return multiple()
        purse.pending += amount
        purse.earned -= amount if of_earnings else 0
        held = Held(key, who, amount, of_earnings)
        if expires_in:
            self.late.append(held)
        return held

    @rule(held=consumes(holds), share=st.integers(1, 100))
    def post_hold(self, held: Held, share: int) -> None:
        purse, part = self.purses[held.who], max(1, held.amount * share // 100)
        if purse.is_frozen:
            with pytest.raises(ledger.WalletFrozen):
                transact(partial(ledger.post_hold, held.id, amount=part))
            return self.void(held)
        transact(partial(ledger.post_hold, held.id, amount=part))
        purse.pending -= held.amount
        purse.balance -= part
        purse.withdrawn += part
        purse.earned += held.amount - part if held.of_earnings else 0
        purse.bound()
        return self.is_decided(held)

    @rule(held=consumes(holds))
    def void_hold(self, held: Held) -> None:
        self.void(held)

    def void(self, held: Held) -> None:
        transact(partial(ledger.void, held.id, reason="No"))
        self.released(held)
        self.is_decided(held)

    @rule()
    def expire(self) -> None:
        assert len(ledger.expire()) == len(self.late)
        for held in self.late:
            self.released(held)
            self.is_decided(held)
        self.late = []

    def is_decided(self, held: Held) -> None:
        for again in (partial(ledger.post_hold, held.id), partial(ledger.void, held.id, reason="late")):
            with pytest.raises(ledger.AlreadyResolved):
                transact(again)

    def released(self, held: Held) -> None:
        purse = self.purses[held.who]
        purse.pending -= held.amount
        purse.earned += held.amount if held.of_earnings else 0
        purse.bound()

    @rule(who=people, amount=coins)
    def claw_back(self, who: int, amount: int) -> None:
        purse = self.purses[who]
        taken = 0 if purse.is_frozen else min(amount, max(0, purse.available))
        transact(partial(ledger.claw_back, str(ObjectId()), self.accounts[who], amount, Note("refund", "Refunded")))
        purse.balance -= taken
        purse.debt += amount - taken
        purse.bound()

    @rule(who=people, frozen=st.booleans())
    def freeze(self, who: int, frozen: bool) -> None:
        found = database()["wallets"].update_one({"userId": self.accounts[who].owner}, {"$set": {"isLocked": frozen}})
        self.purses[who].is_frozen = frozen and found.matched_count == 1

    def teardown(self) -> None:
        if getattr(self, "late", None):
            self.expire()
        for account, purse in zip(getattr(self, "accounts", ()), getattr(self, "purses", ()), strict=True):
            wallet = database()["wallets"].find_one({"userId": account.owner}) or {}
            amounts = ("balance", "pending", "debt", "withdrawableBalance", "totalEarnings", "lifetimeWithdrawals")
            found = {name: money.minor(wallet.get(name), money.COINS) for name in amounts}
            assert found == {
                "balance": purse.balance, "pending": purse.pending, "debt": purse.debt,
                "withdrawableBalance": purse.earned, "totalEarnings": purse.total_earned,
                "lifetimeWithdrawals": purse.withdrawn,
            }  # fmt: skip
            assert purse.available >= 0


def check(examples: int, steps: int) -> None:
    profile = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Books, settings=profile)
    found = books.reconcile()
    assert found.is_clean, found


def test_the_ledger_does_what_a_model_of_it_does(db: Database, ops_db: Database) -> None:
    check(12, 25)


@pytest.mark.slow
def test_the_ledger_does_what_a_model_of_it_does_for_long(db: Database, ops_db: Database) -> None:
    check(500, 50)
