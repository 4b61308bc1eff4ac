"""The indexes of the shop: built, dropped and built again, on new and on existing databases."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.ops.migrations import discover

(STEP,) = (migration for migration in discover() if migration.name.endswith("products_and_search"))


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
    database["products"].create_index("sku", unique=True, sparse=True)
    database["products"].create_index("slug", unique=True, sparse=True)
    database["products"].create_index([("name", "text"), ("description", "text"), ("tags", "text"), ("brand", "text")])
    database["categories"].create_index("slug", unique=True)
    database["categories"].create_index("parentId")
    database["stores"].create_index("sellerId", unique=True)
    database["searchqueries"].create_index("timestamp", expireAfterSeconds=2_592_000)
    before = {
        name: database[name].index_information() for name in ("products", "categories", "stores", "searchqueries")
    }
    run("upgrade", database)
    for name, there in before.items():
        after = database[name].index_information()
        assert {index: after[index] for index in there} == there
    run("downgrade", database)
    assert {name: database[name].index_information() for name in before} == before


def test_what_lists_sort_by_is_filled_in(database: Database) -> None:
    database["products"].insert_many([{"name": "old"}, {"name": "rated", "rating": 4.5}])
    run("upgrade", database)
    old, rated = database["products"].find(sort=[("name", 1)])
    assert (old["rating"], old["salesCount"], old["viewsCount"], rated["rating"]) == (0, 0, 0, 4.5)


def test_reviews_get_their_indexes_where_there_are_some(database: Database) -> None:
    run("upgrade", database)
    assert "reviews" not in database.list_collection_names()
    database["reviews"].insert_one({"productId": 1, "userId": 2})
    run("upgrade", database)
    with pytest.raises(DuplicateKeyError):
        database["reviews"].insert_one({"productId": 1, "userId": 2})
