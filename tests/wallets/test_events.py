"""``wallet:updated`` over a real socket: to the owner alone, after the commit, with what is true then."""

from collections.abc import Iterator
from functools import partial

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.wallets.services import ledger
from mixillo.config import Settings
from mixillo.core.db import transact
from tests.factories.auth import make_session
from tests.factories.wallets import give
from tests.sockets import Socket, serving
from tests.waiting import wait_until
from tests.wallets.conftest import Person
from tests.wallets.test_ledger import present

UPDATED = "wallet:updated"


@pytest.fixture
def sockets(app: Flask, settings: Settings, una: Person, ben: Person) -> Iterator[tuple[Socket, Socket]]:
    """The sockets of both people."""
    with serving(settings) as url:
        opened = [Socket(url, auth={"token": make_session(app, each.document)[1]["token"]}) for each in (una, ben)]
        yield opened[0], opened[1]
        for socket in opened:
            socket.close()


def test_both_sides_of_a_transfer_hear_of_their_own_wallet_and_of_nothing_else(
    db: Database, sockets: tuple[Socket, Socket], una: Person, ben: Person
) -> None:
    mine, theirs = sockets
    row = una.client.post("/api/wallets/transfer", json={"toUserId": str(ben.id), "amount": 25}).json["data"]
    (told,) = wait_until(lambda: mine.told(UPDATED))
    wallet = db["wallets"].find_one({"userId": una.id})
    assert told == {
        "walletId": str(wallet["_id"]), "currency": "coins", "balance": 115, "available": 115,
        "transactionId": row["transaction"]["_id"], "type": "transfer",
    }  # fmt: skip
    (other,) = wait_until(lambda: theirs.told(UPDATED))
    assert (other["balance"], other["walletId"] != told["walletId"]) == (25, True)


def test_a_withdrawal_is_heard_of_when_it_is_asked_for_and_decided(
    sockets: tuple[Socket, Socket], una: Person, ben: Person, admin: Person
) -> None:
    mine, theirs = sockets
    body = {"amount": 40, "method": "bank", "accountDetails": {"iban": "DE02120300000000202051"}}
    withdrawal = una.client.post("/api/wallets/withdraw", json=body).json["data"]["withdrawal"]["_id"]
    wait_until(lambda: len(mine.told(UPDATED)) == 1)
    admin.client.post(f"/api/wallets/admin/withdrawals/{withdrawal}/approve")
    wait_until(lambda: len(mine.told(UPDATED)) == 2)
    assert [(told["balance"], told["available"]) for told in mine.told(UPDATED)] == [(140, 100), (100, 100)]
    assert theirs.told(UPDATED) == []


def test_nothing_is_heard_of_what_did_not_happen(
    db: Database, sockets: tuple[Socket, Socket], una: Person, ben: Person
) -> None:
    mine, theirs = sockets
    assert una.client.post("/api/wallets/transfer", json={"toUserId": str(ben.id), "amount": 999}).status_code == 409
    with pytest.raises(ledger.InsufficientFunds):
        transact(partial(ledger.post, present(una.account, ben.account, 999)))
    ledger.announce(give(ben.id, 1))  # the sign that everything before was heard
    wait_until(lambda: theirs.told(UPDATED))
    assert mine.told(UPDATED) == []
    assert [told["balance"] for told in theirs.told(UPDATED)] == [1]
