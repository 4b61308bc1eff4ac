"""The indexes of people and sessions: built, dropped and built again, on new and on existing databases."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.ops.migrations import discover

STEPS = [migration for migration in discover() if migration.number <= 2]


def run(direction: str, database: Database) -> None:
    for migration in STEPS if direction == "upgrade" else reversed(STEPS):
        step: Callable[[Database, Database], None] = migration.step(direction)
        step(database, database.client[f"{database.name}_ops"])


def indexes(database: Database) -> dict[str, Any]:
    return {
        f"{each.name}.{name}": index_information
        for each in (database, database.client[f"{database.name}_ops"])
        for name in each.list_collection_names()
        for index_information in [each[name].index_information()]
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


def test_indexes_of_the_existing_system_stay_and_are_used(database: Database) -> None:
    users = database["users"]
    users.create_index("email", unique=True)
    users.create_index("username", unique=True)
    users.create_index([("username", "text"), ("fullName", "text"), ("bio", "text")])
    database["follows"].create_index([("followerId", 1), ("followingId", 1)], unique=True)
    before = users.index_information()
    run("upgrade", database)
    after = users.index_information()
    assert {name: after[name] for name in before} == before
    assert sum("textIndexVersion" in index for index in after.values()) == 1
    run("downgrade", database)
    assert users.index_information() == before


@pytest.mark.parametrize(
    ("collection", "one", "same"),
    [
        ("users", {"username": "Ada", "email": "a@x.io"}, {"username": "aDA", "email": "b@x.io"}),
        ("users", {"username": "ada", "email": "a@x.io"}, {"username": "bob", "email": "a@x.io"}),
        ("follows", {"followerId": 1, "followingId": 2}, {"followerId": 1, "followingId": 2}),
        ("blockedusers", {"userId": 1, "blockedUserId": 2}, {"userId": 1, "blockedUserId": 2}),
    ],
)
def test_what_must_be_unique_is(database: Database, collection: str, one: dict[str, Any], same: dict[str, Any]) -> None:
    run("upgrade", database)
    database[collection].insert_one(one)
    with pytest.raises(DuplicateKeyError):
        database[collection].insert_one(same)


@pytest.mark.parametrize("collection", ["sessions", "loginfailures", "idempotencykeys"])
def test_what_expires_is_forgotten(database: Database, collection: str) -> None:
    run("upgrade", database)
    expiry = database.client[f"{database.name}_ops"][collection].index_information()["expiresAt_1"]
    assert expiry["expireAfterSeconds"] == 0
