"""Orders live at random: whatever is done in whatever order, books balance, and shelves hold what was not sold."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pymongo.database import Database

from mixillo.blueprints.orders.models import METHODS
from mixillo.blueprints.orders.services import upkeep
from mixillo.core import clock, money
from tests.factories.auth import client_of
from tests.factories.commerce import make_coupon
from tests.factories.orders import ask, fill, house, move
from tests.factories.payments import event, refunded, tell
from tests.factories.products import make_product, make_store
from tests.factories.users import make_user
from tests.factories.wallets import give

Document = dict[str, Any]
STOCK, WALLET = 4, 300_00
SOLD = ("confirmed", "processing", "shipped", "delivered")
quantities = st.integers(1, 3)
sellers = st.integers(0, 1)


class Lives(RuleBasedStateMachine):
    """Two stores with two products, a buyer, an administrator, and orders to which everything may happen."""

    surroundings: tuple[Flask, Database]
    orders = Bundle("orders")

    @property
    def app(self) -> Flask:
        return self.surroundings[0]

    @property
    def db(self) -> Database:
        return self.surroundings[1]

    @initialize()
    def begin(self) -> None:
        for name in (self.db.name, f"{self.db.name}_ops"):
            for collection in self.db.client[name].list_collection_names():
                if collection != "migrations":
                    self.db.client[name][collection].delete_many({})
        self.una = make_user(self.db)
        give(self.una["_id"], WALLET, "USD")
        self.buyer = client_of(self.app, self.una)
        self.admin = client_of(self.app, make_user(self.db, role="admin"))
        stores = [make_store(self.db, make_user(self.db, role="seller")) for _ in range(2)]
        self.sellers = [
            client_of(self.app, self.db["users"].find_one({"_id": store["sellerId"]}) or {}) for store in stores
        ]
        self.products = [make_product(self.db, store, price=price, stock=STOCK)
                         for store, price in zip(stores, (9.99, 33.34), strict=True)]  # fmt: skip
        make_coupon(self.db, "HALF", value=50, usageLimit=2)
        self.told: list[Any] = []

    @rule(
        target=orders,
        first=quantities,
        second=st.integers(0, 3),
        method=st.sampled_from(METHODS),
        cheaper=st.booleans(),
    )
    def place(self, first: int, second: int, method: str, cheaper: bool) -> str | None:
        lines = [(self.products[0], first), *([(self.products[1], second)] if second else [])]
        fill(self.db, self.una, *lines)
        answer = ask(self.buyer, method, **({"couponCode": "HALF"} if cheaper else {}))
        assert answer.status_code in (201, 409), answer.json
        return answer.json["data"]["order"]["_id"] if answer.status_code == 201 else None

    @rule(order_id=orders)
    def pay(self, order_id: str | None) -> None:
        if order_id:
            self.expect(self.buyer.post(f"/api/payments/{order_id}/sandbox/complete"), 200, 404, 409)

    @rule(order_id=orders)
    def pay_although_it_was_given_up(self, order_id: str | None) -> None:
        payment = self.payment(order_id)
        if payment:
            self.ops["sandboxpayments"].update_one({"_id": f"sandbox_{order_id}"}, {"$set": {"state": "succeeded"}})
            self.told.append(event(payment))
            tell(self.buyer, self.told[-1])

    @rule(order_id=orders, units=st.integers(1, 40_00))
    def provider_gives_back(self, order_id: str | None, units: int) -> None:
        payment = self.payment(order_id)
        if payment and payment["status"] == "completed":
            session = self.ops["sandboxpayments"].find_one({"_id": f"sandbox_{order_id}"}) or {}
            left = int(session["amount"]) - int(session["refunded"])
            if left:
                after = int(session["refunded"]) + min(units, left)
                self.ops["sandboxpayments"].update_one({"_id": session["_id"]}, {"$set": {"refunded": after}})
                self.told.append(refunded(payment, after))
                tell(self.buyer, self.told[-1])

    @rule()
    def everything_is_told_again(self) -> None:
        for each in self.told[::-1]:
            tell(self.buyer, each)

    @rule(order_id=orders)
    def expire(self, order_id: str | None) -> None:
        if order_id:
            over = {"$set": {"expiresAt": clock.now() - timedelta(hours=1)}}
            self.db["orders"].update_one({"_id": self.id(order_id), "expiresAt": {"$exists": True}}, over)
        with self.app.app_context():
            upkeep.look_after()

    @rule(order_id=orders)
    def cancel(self, order_id: str | None) -> None:
        if order_id:
            self.expect(self.buyer.put(f"/api/orders/{order_id}/cancel"), 200, 409)

    @rule(order_id=orders, seller=sellers,
          status=st.sampled_from(["processing", "shipped", "delivered", "cancelled", "returned"]))  # fmt: skip
    def move(self, order_id: str | None, seller: int, status: str) -> None:
        if order_id:
            self.expect(move(self.sellers[seller], {"_id": order_id}, status), 200, 404, 409)

    @rule(order_id=orders)
    def ask_to_send_back(self, order_id: str | None) -> None:
        if order_id:
            self.expect(self.buyer.post(f"/api/orders/{order_id}/return", json={"reason": "Not mine"}), 200, 409)

    @rule(order_id=orders, seller=sellers)
    def take_back(self, order_id: str | None, seller: int) -> None:
        if order_id:
            self.expect(self.sellers[seller].post(f"/api/orders/{order_id}/return/accept"), 200, 404, 409)

    @rule(order_id=orders, cents=st.integers(1, 60_00))
    def give_back(self, order_id: str | None, cents: int) -> None:
        if order_id:
            body = {"amount": cents / 100, "reason": "A scratch"}
            self.expect(self.admin.post(f"/api/orders/admin/{order_id}/refund", json=body), 200, 409)

    @rule(seller=sellers, cents=st.integers(1, 20_00))
    def seller_spends(self, seller: int, cents: int) -> None:
        body = {"toUserId": str(self.una["_id"]), "amount": cents / 100, "currency": "USD"}
        self.expect(self.sellers[seller].post("/api/wallets/transfer", json=body), 200, 201, 409)

    @invariant()
    def books_balance_and_shelves_are_right(self) -> None:
        if not hasattr(self, "una"):
            return
        orders = list(self.db["orders"].find())
        assert house()["escrow"] == sum(self.waiting(order) for order in orders)
        sold, reserved, uses = Counter[Any](), Counter[Any](), 0
        for order in orders:
            uses += order["status"] != "cancelled" and bool(order["coupons"])
            for part in order["fulfilments"]:
                refund = money.minor(part["refunded"], "USD")
                assert 0 <= refund <= money.minor(part["amount"], "USD")
                for item in order["items"]:
                    if item["sellerId"] == part["sellerId"]:
                        sold[item["productId"]] += item["quantity"] * (part["status"] in SOLD)
                        reserved[item["productId"]] += item["quantity"] * (part["status"] == "pending")
        for product in self.db["products"].find():
            assert product["stock"] == STOCK - sold[product["_id"]] >= 0
            assert product.get("reserved", 0) == reserved[product["_id"]] <= product["stock"]
            assert product["salesCount"] == sold[product["_id"]]
            assert product["status"] == ("active" if product["stock"] else "out_of_stock")
        coupon = self.db["coupons"].find_one({"code": "HALF"}) or {}
        assert coupon["usageCount"] == uses <= 2

    @staticmethod
    def waiting(order: Document) -> int:
        """Return what of an order's money is in escrow."""

        def units(thing: Document, name: str) -> int:
            return money.minor(thing.get(name), "USD")

        out = sum(
            units(part["payout"], "amount") - units(part["payout"], "refunded")
            for part in order["fulfilments"]
            if part.get("payout")
        )
        return units(order, "paidAmount") - units(order, "refundedAmount") - out

    @property
    def ops(self) -> Database:
        return self.db.client[f"{self.db.name}_ops"]

    def id(self, order_id: str) -> Any:
        return ObjectId(order_id)

    def payment(self, order_id: str | None) -> Document | None:
        """Return an order's payment as the API shows it; ``None`` where there is none through the provider."""
        answer = self.buyer.get(f"/api/payments/{order_id}") if order_id else None
        found: Document | None = answer.json["data"]["payment"] if answer and answer.status_code == 200 else None
        return found

    @staticmethod
    def expect(answer: Any, *statuses: int) -> None:
        assert answer.status_code in statuses, answer.json


def live(app: Flask, db: Database, examples: int, steps: int) -> None:
    """Let orders live."""

    class Here(Lives):
        pass

    Here.surroundings = app, db
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_books_and_shelves_are_right_after_every_step(app: Flask, db: Database) -> None:
    live(app, db, examples=12, steps=20)


@pytest.mark.slow
def test_books_and_shelves_are_right_after_every_step_of_many_lives(app: Flask, db: Database) -> None:
    live(app, db, examples=250, steps=40)
