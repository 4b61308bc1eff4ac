"""Indexes of packages, tiers, badges and awards; every badge and package has its place in the order."""

from pymongo.database import Database

CATALOGUES = ("creditpackages", "supporterbadges")
IN_ORDER = "status_in_order"
TIERS, AWARDS = "status_1_tier_1", {"one_of_each": [("user", 1), ("badge", 1)]}
NEWEST = "user_newest"


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    for name in CATALOGUES:
        database[name].update_many({"order": {"$exists": False}}, {"$set": {"order": 0}})
        database[name].update_many({"status": {"$exists": False}}, {"$set": {"status": "active"}})
        database[name].create_index([("status", 1), ("order", 1), ("_id", 1)], name=IN_ORDER)
    database["supportertiers"].create_index([("status", 1), ("tier", 1)])
    # The existing system's own unique index of the same fields, where it is there, serves as well.
    awards = database["userbadges"]
    if not any(index["key"] == AWARDS["one_of_each"] for index in awards.index_information().values()):
        awards.create_index(AWARDS["one_of_each"], name="one_of_each", unique=True)
    awards.create_index([("user", 1), ("awardedAt", -1), ("_id", -1)], name=NEWEST)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; what it filled in stays."""
    made = {"creditpackages": [IN_ORDER], "supporterbadges": [IN_ORDER], "supportertiers": [TIERS],
            "userbadges": ["one_of_each", NEWEST]}  # fmt: skip
    for collection, names in made.items():
        for name in set(names) & set(database[collection].index_information()):
            database[collection].drop_index(name)
