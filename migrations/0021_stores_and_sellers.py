"""Indexes of stores, applications and the figures of stores; what lists sort by is filled in where it is missing.

A seller has one store and a slug one place, as in the existing system.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
SORTS = ("createdAt", "followersCount", "rating", "totalSales")
UNIQUE = ("sellerId", "slug")
COUNTERS = ("followersCount", "rating", "totalSales", "productsCount", "reviewsCount")
# All that the figures of a store are made of, so that no product is read for them.
FIGURES = ("storeId", "isPublished", "status", "salesCount", "reviewsCount", "rating")
INDEXES: dict[str, dict[str, list[tuple[str, int]]]] = {
    "stores": {
        f"of_status_{field}": [("status", ASCENDING), (field, DESCENDING), ("_id", DESCENDING)] for field in SORTS
    }
    | {"all_createdAt": NEWEST},
    "sellerapplications": {
        "waiting": [("status", ASCENDING), ("createdAt", ASCENDING), ("_id", ASCENDING)],
        "newest_of_user": [("userId", ASCENDING), *NEWEST],
    },
    "products": {"figures_of_store": [(field, ASCENDING) for field in FIGURES]},
}
HIDDEN = "hidden_with_store"
OF_STORE = [("items.storeId", ASCENDING), ("createdAt", DESCENDING)]
FOLLOWS: dict[str, dict[str, Any]] = {
    "one_per_person": {"keys": [("userId", ASCENDING), ("storeId", ASCENDING)], "unique": True},
    "newest_of_user": {"keys": [("userId", ASCENDING), *NEWEST]},
    "of_store": {"keys": [("storeId", ASCENDING)]},
}


def upgrade(database: Database, ops: Database) -> None:
    """Fill in what is missing, and create the indexes."""
    for field in COUNTERS:
        database["stores"].update_many({field: {"$exists": False}}, {"$set": {field: 0}})
    there = database["stores"].index_information()
    for field in UNIQUE:
        if f"{field}_1" not in there:  # Mongoose's name: the existing system has them
            database["stores"].create_index(field, unique=True, sparse=True)
    for collection, indexes in INDEXES.items():
        for name, keys in indexes.items():
            database[collection].create_index(keys, name=name)
    hidden = {"hiddenWithStore": True}
    database["products"].create_index("storeId", name=HIDDEN, partialFilterExpression=hidden)
    # As the existing system has it, by Mongoose's name.
    database["orders"].create_index(OF_STORE)
    if "storefollows" in database.list_collection_names(filter={"name": "storefollows"}):
        for name, options in FOLLOWS.items():
            database["storefollows"].create_index(name=name, **options)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what only this migration made; what it filled in, and what the existing system has too, stays."""
    made = {collection: [*indexes] for collection, indexes in INDEXES.items()} | {"storefollows": [*FOLLOWS]}
    made["products"].append(HIDDEN)
    for collection, names in made.items():
        for name in set(names) & set(database[collection].index_information()):
            database[collection].drop_index(name)
    ops.drop_collection("storeupkeep")
