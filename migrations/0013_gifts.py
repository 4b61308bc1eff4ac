"""Indexes of the catalogue of gifts, and of gifts that were sent where a database holds any.

A database without the collection of sent gifts gets both with the first gift, see ``GiftTransaction.INDEXES``.
"""

from pymongo.database import Database

GIFTS, SENT = "gifts", "gifttransactions"
NEWEST = [("createdAt", -1), ("_id", -1)]
ORDER = [("sortOrder", 1), ("_id", 1)]
CATALOGUE = {
    "on_sale": [("isActive", 1), *ORDER],
    "on_sale_of_category": [("isActive", 1), ("category", 1), *ORDER],
    "on_sale_of_rarity": [("isActive", 1), ("rarity", 1), *ORDER],
    "on_sale_popular": [("isActive", 1), ("popularity", -1), ("_id", -1)],
    "in_order": ORDER,
    "in_order_of_category": [("category", 1), *ORDER],
    "in_order_of_rarity": [("rarity", 1), *ORDER],
}
AMOUNTS = [("totalCost", 1), ("quantity", 1)]
RECORDS = {
    "senderId_1_createdAt_-1__id_-1": [("senderId", 1), *NEWEST],
    "recipientId_1_createdAt_-1__id_-1": [("recipientId", 1), *NEWEST],
    "given": [("senderId", 1), ("status", 1), ("createdAt", -1), *AMOUNTS],
    "received": [("recipientId", 1), ("status", 1), ("createdAt", -1), ("senderId", 1), ("giftId", 1),
                 ("isAnonymous", 1), ("creatorEarnings", 1), *AMOUNTS],
    "ranked": [("status", 1), ("createdAt", -1), ("senderId", 1), ("recipientId", 1), ("giftId", 1),
               ("isAnonymous", 1), ("creatorEarnings", 1), *AMOUNTS],
    "giftId_1_status_1_totalCost_1_quantity_1": [("giftId", 1), ("status", 1), *AMOUNTS],
}  # fmt: skip
PLACES = ("livestreamId", "contentId")


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    for name, keys in CATALOGUE.items():
        database[GIFTS].create_index(keys, name=name)
    if not database.list_collection_names(filter={"name": SENT}):
        return
    for name, keys in RECORDS.items():
        database[SENT].create_index(keys, name=name)
    for place in PLACES:
        database[SENT].create_index([(place, 1), *NEWEST], partialFilterExpression={place: {"$exists": True}})


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; the existing system's own indexes stay."""
    made = {GIFTS: [*CATALOGUE], SENT: [*RECORDS, *(f"{place}_1_createdAt_-1__id_-1" for place in PLACES)]}
    for collection, names in made.items():
        for name in set(names) & set(database[collection].index_information()):
            database[collection].drop_index(name)
