"""Indexes of coupons, shipping and carts; the carts of guests, which are forgotten after a while.

What lists of coupons ask for is filled in where old documents lack it. Uses of coupons get their indexes with the
first of them, see ``INDEXES`` of the model.
"""

from datetime import UTC, datetime

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

NEWEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
FILLED = {
    "coupons": {"isActive": True, "isPublic": True, "isFeatured": False, "createdAt": datetime(2020, 1, 1, tzinfo=UTC)},
    "shippingmethods": {"isActive": True, "createdAt": datetime(2020, 1, 1, tzinfo=UTC)},
    "shippingzones": {"isActive": True, "createdAt": datetime(2020, 1, 1, tzinfo=UTC)},
    "shippingrates": {"isActive": True, "createdAt": datetime(2020, 1, 1, tzinfo=UTC)},
}
# The names that Mongoose gives, so that those of the existing system serve as well.
UNIQUE = {"carts": "userId", "coupons": "code", "shippingmethods": "code", "shippingrates": "rateId"}
LISTS = {
    "coupons": {
        "public_newest": [("isActive", ASCENDING), ("isPublic", ASCENDING), *NEWEST],
        "featured_newest": [("isActive", ASCENDING), ("isPublic", ASCENDING), ("isFeatured", ASCENDING), *NEWEST],
        "all_newest": NEWEST,
        "all_newest_of_state": [("isActive", ASCENDING), *NEWEST],
        "counted": [("isActive", ASCENDING), ("validUntil", ASCENDING), ("usageCount", ASCENDING)],
    },
    "shippingmethods": {"all_newest": NEWEST, "of_zone": [("zonesSupported", ASCENDING)]},
    "shippingzones": {"all_newest": NEWEST, "named": [("name", ASCENDING)]},
    "shippingrates": {
        "all_newest": NEWEST,
        "of_method": [("shippingMethodId", ASCENDING), *NEWEST],
        "of_zone": [("toLocation.zones", ASCENDING)],
    },
}
IN_FORCE = ("shippingmethods", "shippingzones")
GUESTS = "guestcarts"


def upgrade(database: Database, ops: Database) -> None:
    """Fill in what is missing, and create the indexes."""
    for collection, fields in FILLED.items():
        for name, value in fields.items():
            database[collection].update_many({name: {"$exists": False}}, {"$set": {name: value}})
    for collection, field in UNIQUE.items():
        database[collection].create_index([(field, ASCENDING)], unique=True)
    for collection, indexes in LISTS.items():
        for name, keys in indexes.items():
            database[collection].create_index(keys, name=name)
    for collection in IN_FORCE:
        database[collection].create_index("isActive")
    ops[GUESTS].create_index("expiresAt", expireAfterSeconds=0)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; what it filled in, and what the existing system has too, stays."""
    for collection, indexes in LISTS.items():
        for name in set(indexes) & set(database[collection].index_information()):
            database[collection].drop_index(name)
    ops.drop_collection(GUESTS)
