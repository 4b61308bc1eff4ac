"""Orders, placed as people place them, and what is true of the books and the shelves afterwards."""

from typing import Any

from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.orders.models import CASH
from mixillo.blueprints.wallets.models import ESCROW, PAYOUTS, REVENUE
from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services import ledger
from tests.factories.commerce import make_cart
from tests.factories.wallets import balance, give

Document = dict[str, Any]
ADDRESS = {
    "fullName": "Ada Lovelace",
    "phone": "+44 20 7946 0000",
    "addressLine1": "12 St James's Square",
    "city": "London",
    "postalCode": "SW1Y 4JH",
    "country": "GB",
}


def fill(db: Database, user: Document, *lines: tuple[Document, int], **fields: Any) -> None:
    """Let somebody's cart hold so many of each product, and nothing else."""
    db["carts"].delete_many({"userId": user["_id"]})
    make_cart(db, user, *lines, **fields)


def ask(client: FlaskClient, method: str = CASH, key: str | None = None, **more: Any) -> Any:
    """Ask to order what is in the cart and return the answer."""
    headers = {"Idempotency-Key": key} if key else {}
    body = {"shippingAddress": ADDRESS, "paymentMethod": method} | more
    return client.post("/api/orders", json=body, headers=headers)


def place(client: FlaskClient, method: str = CASH, key: str | None = None, **more: Any) -> Document:
    """Order what is in the cart and return the order."""
    answer = ask(client, method, key, **more)
    assert answer.status_code == 201, answer.json
    order: Document = answer.json["data"]["order"]
    return order


def pay(client: FlaskClient, order: Document) -> Any:
    """Pay an order in the sandbox and return the answer."""
    return client.post(f"/api/payments/{order['paymentId'] or order['_id']}/sandbox/complete")


def move(client: FlaskClient, order: Document, status: str, **more: Any) -> Any:
    """Ask to move an order on and return the answer."""
    return client.put(f"/api/orders/{order['_id']}/status", json={"status": status} | more)


def moved(client: FlaskClient, order: Document, *statuses: str, **more: Any) -> Document:
    """Move an order on, step by step, and return it as the last answer shows it."""
    shown = order
    for status in statuses:
        answer = move(client, order, status, **more)
        assert answer.status_code == 200, answer.json
        shown = answer.json["data"]["order"]
    return shown


def stored(db: Database, order: Document) -> Document:
    """Return the document of an order."""
    found = db["orders"].find_one({"_id": ObjectId(order["_id"])})
    assert found
    return found


def on_shelf(db: Database, product: Document) -> tuple[int, int]:
    """Return how many there are of a product, and how many of them are reserved."""
    found = db["products"].find_one({"_id": product["_id"]})
    assert found
    return found["stock"], found.get("reserved", 0)


def house(currency: str = "USD") -> dict[str, int]:
    """Return what is in the house's accounts, in minor units; whoever asks also sees that the books are right."""
    found = books.reconcile()
    assert found.is_clean, found
    return {name: found.house[name][currency] for name in (ESCROW, PAYOUTS, REVENUE)}


def wallet_of(db: Database, user: Document) -> int:
    """Return what somebody has in dollars, in cents."""
    return balance(db, ledger.user(user["_id"], "USD"))


def bought(client: FlaskClient, db: Database, buyer: Document, *goods: Document, method: str = "wallet") -> Document:
    """Order one of each of ``goods``, and pay for it."""
    if method == "wallet":
        give(buyer["_id"], 1_000_00, "USD")
    fill(db, buyer, *((each, 1) for each in goods))
    order = place(client, method)
    if method == "card":
        pay(client, order)
    return order
