"""Orders while workers are killed: none that was paid is lost, none is there twice, none keeps what nobody pays."""

import logging
import os
import signal
import threading
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
import requests
from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock, money
from tests.factories.orders import ADDRESS
from tests.system.conftest import Serve
from tests.system.served import Served, command
from tests.system.test_gift_storm import reconciled
from tests.waiting import wait_until

log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow
PEOPLE, KILLS, STOCK = 6, 25, 1_000
SOLD = ("confirmed", "processing", "shipped", "delivered")


@dataclass
class Storm:
    """People who order one mug after the other, each waiting for the answer; what became of every request."""

    url: str
    product_id: str
    tokens: list[str]
    acknowledged: dict[str, str] = field(default_factory=dict)  # the order's id by key
    unknown: dict[str, tuple[str, str]] = field(default_factory=dict)  # token and method by key
    paid: set[str] = field(default_factory=set)  # orders whose payment was acknowledged
    refused: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def post(self, token: str, path: str, body: Any, key: str | None = None) -> requests.Response | None:
        """Send something; ``None`` where nobody knows what came of it."""
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        try:
            answer = requests.post(f"{self.url}{path}", json=body, headers=headers, timeout=10)
        except requests.RequestException:
            return None
        return None if answer.status_code in (500, 503) else answer

    def order(self, token: str, method: str, key: str) -> str | None:
        """Order what is in the cart; return the order's id if that was answered."""
        answer = self.post(token, "/api/orders", {"shippingAddress": ADDRESS, "paymentMethod": method}, key)
        if answer is None:
            self.unknown[key] = (token, method)
            return None
        if answer.status_code == 201:
            self.unknown.pop(key, None)
            self.acknowledged[key] = answer.json()["data"]["order"]["_id"]
            return self.acknowledged[key]
        if answer.json()["code"] == "cart_empty":  # what filled the cart was cut off, or the order that emptied it
            self.unknown.pop(key, None)
        else:
            self.refused.append(answer.text)
        return None

    def rain(self, token: str, seed: int) -> None:
        """Fill the cart, order, pay; and again, until it is over."""
        dice = Random(seed)
        while not self.stopped.is_set():
            self.post(token, "/api/cart/items", {"productId": self.product_id, "quantity": 1})
            order_id = self.order(token, dice.choice(["wallet", "card", "card"]), uuid.uuid4().hex)
            if order_id:
                paid = self.post(token, f"/api/payments/{order_id}/sandbox/complete", {})
                if paid is not None and paid.status_code == 200:
                    self.paid.add(order_id)


def prepared(server: Served, database: Database) -> Storm:
    """Return a storm of people who have money, and of mugs to buy."""
    server.register("boss")
    database["users"].update_one({"username": "boss"}, {"$set": {"role": "superadmin"}})
    login = {"identifier": "boss", "password": "a-quiet-harbour-42"}
    admin = {"Authorization": f"Bearer {server.post('/api/auth/login', login).json()['data']['token']}"}
    tokens = []
    for number in range(PEOPLE):
        person = server.register(f"buyer_{number}")
        tokens.append(person["token"])
        given = {"amount": 9_000, "currency": "USD", "description": "For the storm"}
        path = f"/api/wallets/{person['user']['_id']}/add-funds"
        assert server.post(path, given, headers=admin).status_code == 200
    seller = server.register("potter")["user"]["_id"]
    product = {
        "_id": ObjectId(), "storeId": ObjectId(), "sellerId": ObjectId(seller), "name": "Mug", "description": "A mug",
        "price": 10.0, "currency": "USD", "stock": STOCK, "status": "active", "isPublished": True, "slug": "mug",
        "createdAt": clock.now(),
    }  # fmt: skip
    database["products"].insert_one(product)
    return Storm(server.url, str(product["_id"]), tokens)


def assert_whole(storm: Storm, database: Database, ops: Database) -> None:
    """Everything acknowledged is there once, the shelf holds what was not sold, and escrow what was paid."""
    assert storm.refused == []
    orders = {str(order["_id"]): order for order in database["orders"].find()}
    assert set(storm.acknowledged.values()) <= orders.keys()
    assert len(set(storm.acknowledged.values())) == len(storm.acknowledged)
    assert all(orders[order_id]["status"] == "confirmed" for order_id in storm.paid)
    counted: Counter[str] = Counter()
    for order in orders.values():
        state = "pending" if order["status"] == "pending" else "sold" if order["status"] in SOLD else "given up"
        counted[state] += sum(item["quantity"] for item in order["items"])
    product = database["products"].find_one({"_id": ObjectId(storm.product_id)}) or {}
    assert (product["stock"], product.get("reserved", 0)) == (STOCK - counted["sold"], counted["pending"])
    waiting = sum(
        money.minor(order["paidAmount"], "USD") - money.minor(order["refundedAmount"], "USD")
        for order in orders.values()
    )
    escrow = money.house_wallet_id("escrow", "USD")
    sums = {side: sum(each["amount"] for each in ops["transfers"].find({side: escrow})) for side in ("debit", "credit")}
    assert sums["credit"] - sums["debit"] == waiting


def test_killed_workers_lose_no_order_and_no_payment(serve: Serve) -> None:
    server = serve("--dataset", "none", MIXILLO_RATE_LIMIT="off").wait_until_ready()
    random = Random(9)
    with server.client() as client:
        database, ops = client["mixillo"], client["mixillo_ops"]
        storm = prepared(server, database)
        buyers = [threading.Thread(target=storm.rain, args=(token, n)) for n, token in enumerate(storm.tokens)]
        for buyer in buyers:
            buyer.start()
        killed = 0
        while killed < KILLS:
            before = len(storm.acknowledged)
            storm.stopped.wait(random.uniform(0.05, 1.0))
            with suppress(AssertionError, FileNotFoundError, ProcessLookupError):  # the next worker is not there yet
                os.kill(server.worker_pid, signal.SIGKILL)
                killed += 1
                wait_until(lambda before=before: len(storm.acknowledged) > before, 30)
        storm.stopped.set()
        for buyer in buyers:
            buyer.join()
        told = (len(storm.acknowledged), len(storm.paid), len(storm.unknown))
        log.info("%d orders, %d payments, %d unanswered orders", *told)
        assert len(storm.acknowledged) > KILLS
        assert_whole(storm, database, ops)
        repeat(storm, ops)
        assert_whole(storm, database, ops)
        over = {"$set": {"expiresAt": clock.now().replace(year=2020)}}
        database["orders"].update_many({"status": "pending"}, over)
        answer = command("orders", "expire", "--json", data_dir=server.data_dir)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert_whole(storm, database, ops)
        taken = {session["paymentId"] for session in ops["sandboxpayments"].find({"state": "succeeded"})}
        paid = {order["_id"] for order in database["orders"].find({"paymentMethod": "card", "paymentStatus": "paid"})}
        assert taken == paid
        assert database["orders"].count_documents({"status": "pending"}) == 0
    assert reconciled(server.data_dir)["faults"] == 0


def repeat(storm: Storm, ops: Database) -> None:
    """Let everybody repeat what was never answered: the order is found if it was placed, and placed if it was not."""
    ops["idempotencykeys"].update_many({"state": "running"}, {"$set": {"startedAt": clock.now().replace(year=2020)}})

    def repeated() -> bool:
        for key, (token, method) in list(storm.unknown.items()):
            storm.order(token, method, key)
        return not storm.unknown

    wait_until(repeated, 60)
