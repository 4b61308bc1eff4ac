"""The indexes of orders, and the parts of orders from before."""

from collections.abc import Callable
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.orders.queries import parts
from mixillo.ops.migrations import discover

(STEP,) = (migration for migration in discover() if migration.name.partition("_")[2] == "orders")
SELLER, STORE = ObjectId(), ObjectId()
OLD = {"orderNumber": "ORD-OLD-1", "items": [{"storeId": STORE}], "sellerId": SELLER, "status": "shipped",
       "subtotal": 9.99, "tax": 1.0, "shipping": 5.99, "discount": 0, "total": 16.98, "carrierName": "DHL",
       "trackingNumber": "JD1"}  # fmt: skip


def run(direction: str, database: Database) -> None:
    step: Callable[[Database, Database], None] = STEP.step(direction)
    step(database, database.client[f"{database.name}_ops"])


def indexes(database: Database) -> dict[str, Any]:
    return {name: database[name].index_information() for name in ("orders", "shippings")}


def test_up_again_and_up_down_up_end_in_the_same_indexes(database: Database) -> None:
    run("upgrade", database)
    built = indexes(database)
    run("upgrade", database)
    assert indexes(database) == built
    run("downgrade", database)
    assert indexes(database) != built
    run("downgrade", database)
    run("upgrade", database)
    assert indexes(database) == built


def test_indexes_of_the_existing_system_stay(database: Database) -> None:
    database["orders"].create_index("orderNumber", unique=True)
    database["orders"].create_index([("userId", 1), ("createdAt", -1)])
    database["shippings"].create_index("orderId", unique=True)
    before = indexes(database)
    run("upgrade", database)
    run("downgrade", database)
    assert indexes(database) == before


def test_an_order_from_before_becomes_one_part(database: Database) -> None:
    database["orders"].insert_many([OLD.copy(), OLD | {"orderNumber": "ORD-NEW-1", "fulfilments": [{"status": "x"}]}])
    run("upgrade", database)
    old, new = database["orders"].find(sort=[("orderNumber", -1)])
    assert new["fulfilments"] == [{"status": "x"}]
    (part,) = old["fulfilments"]
    assert (part["storeId"], part["sellerId"], part["status"], part["amount"]) == (STORE, SELLER, "shipped", 16.98)
    assert part == parts.of(OLD)[0]
