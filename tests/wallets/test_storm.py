"""Sixteen at once on four wallets that everybody wants: nothing is lost, made, or refused for a conflict."""

import threading
from collections import Counter
from random import Random

import pytest
from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services import adjusting, ledger, transfers, withdrawals
from mixillo.core.security import Viewer
from mixillo.errors import AppError
from tests.factories.users import make_user
from tests.factories.wallets import earn, give

pytestmark = pytest.mark.usefixtures("app")
THREADS, OPERATIONS, WALLETS = 16, 5_000, 4
ADMIN = {"kind": "user", "name": "ada"}
EXPECTED = (ledger.InsufficientFunds, ledger.NotEarned)


class Storm:
    """People who move coins among themselves, each thread with dice of its own."""

    def __init__(self, db: Database) -> None:
        self.people = [make_user(db) for _ in range(WALLETS)]
        self.outcomes: Counter[str] = Counter()
        self.failures: list[BaseException] = []
        for person in self.people:
            give(person["_id"], 500)
            earn(ledger.user(person["_id"]), 500)

    def rage(self, seed: int, operations: int) -> None:
        dice = Random(seed)
        for _ in range(operations):
            act = dice.choices([self.transfer, self.withdraw, self.adjust], [6, 3, 1])[0]
            try:
                act(dice)
                self.outcomes[act.__name__] += 1
            except EXPECTED:
                self.outcomes["refused"] += 1
            except Exception as error:  # whatever it is, the test shows it
                self.failures.append(error)

    def transfer(self, dice: Random) -> None:
        source, target = dice.sample(self.people, 2)
        viewer = Viewer(source["_id"], source["username"], "user", None)
        transfers.send(
            viewer, target["_id"], dice.randint(1, 200), "coins", text=None, daily_limit=10**9, operation_id=ObjectId()
        )

    def withdraw(self, dice: Random) -> None:
        account, key = ledger.user(dice.choice(self.people)["_id"]), ObjectId()
        withdrawals.request(account, dice.randint(1, 60), method="bank", account_details={"a": "b"}, operation_id=key)
        if dice.random() < 0.5:
            withdrawals.approve(key, actor=ADMIN, operation_id=ObjectId())
        else:
            withdrawals.reject(key, "No", actor=ADMIN, operation_id=ObjectId())

    def adjust(self, dice: Random) -> None:
        account, act = ledger.user(dice.choice(self.people)["_id"]), dice.choice([adjusting.add, adjusting.deduct])
        act(account, dice.randint(1, 100), "Because", actor=ADMIN, operation_id=ObjectId())


@pytest.mark.slow
def test_sixteen_at_once_on_four_wallets_keep_the_books(db: Database) -> None:
    storm = Storm(db)
    threads = [threading.Thread(target=storm.rage, args=(seed, OPERATIONS // THREADS + 1)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [f"{type(each).__name__}: {each}" for each in storm.failures if not isinstance(each, AppError)] == []
    assert storm.failures == []
    assert storm.outcomes.total() >= OPERATIONS
    found = books.reconcile()
    assert found.is_clean, found
