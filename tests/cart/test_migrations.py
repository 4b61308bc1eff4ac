"""The indexes of coupons, shipping and carts: built, dropped and built again, on new and on existing databases."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.ops.migrations import discover

(STEP,) = (migration for migration in discover() if migration.name.endswith("coupons_shipping_and_carts"))
# As the existing system has them, under the names that Mongoose gives.
EXISTING: dict[str, list[Any]] = {
    "carts": [([("userId", 1)], True), ([("items.productId", 1)], False)],
    "coupons": [([("code", 1)], True), ([("isActive", 1), ("validFrom", 1), ("validUntil", 1)], False)],
    "shippingmethods": [
        ([("code", 1)], True),
        ([("isActive", 1)], False),
        ([("isActive", 1), ("createdAt", -1)], False),
    ],
    "shippingzones": [([("isActive", 1), ("createdAt", -1)], False)],
    "shippingrates": [([("rateId", 1)], True), ([("shippingMethodId", 1)], False), ([("isActive", 1)], False)],
}


def run(direction: str, database: Database) -> None:
    step: Callable[[Database, Database], None] = STEP.step(direction)
    step(database, database.client[f"{database.name}_ops"])


def indexes(database: Database) -> dict[str, Any]:
    return {
        f"{each.name}.{name}": each[name].index_information()
        for each in (database, database.client[f"{database.name}_ops"])
        for name in each.list_collection_names()
    }


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
    for name, there in EXISTING.items():
        for keys, unique in there:
            database[name].create_index(keys, unique=unique)
    before = {name: database[name].index_information() for name in EXISTING}
    run("upgrade", database)
    for name, kept in before.items():
        after = database[name].index_information()
        assert {index: after[index] for index in kept} == kept
    run("downgrade", database)
    assert {name: set(database[name].index_information()) for name in before} == {
        name: set(kept) | ({"isActive_1"} if name == "shippingzones" else set()) for name, kept in before.items()
    }


def test_what_lists_ask_for_is_filled_in(database: Database) -> None:
    database["coupons"].insert_many([{"code": "OLD"}, {"code": "OFF", "isActive": False, "isPublic": False}])
    run("upgrade", database)
    old, off = database["coupons"].find().sort("code", -1)
    assert (old["isActive"], old["isPublic"], off["isActive"], off["isPublic"]) == (True, True, False, False)


def test_a_code_is_one_coupons_and_a_cart_one_persons(database: Database) -> None:
    run("upgrade", database)
    for name, field in (("coupons", "code"), ("carts", "userId")):
        database[name].insert_one({field: "x"})
        with pytest.raises(DuplicateKeyError):
            database[name].insert_one({field: "x"})


def test_guests_carts_are_forgotten(database: Database) -> None:
    run("upgrade", database)
    guests = database.client[f"{database.name}_ops"]["guestcarts"].index_information()
    assert guests["expiresAt_1"]["expireAfterSeconds"] == 0
