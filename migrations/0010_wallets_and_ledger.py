"""Indexes of wallets, their rows and the ledger; a user has one wallet for each currency.

The existing system allowed one wallet per user. The indexes of its own lists are made where they are missing,
under the names that MongoDB gives by itself.
"""

from pymongo.database import Database

NEWEST = [("createdAt", -1), ("_id", -1)]
ONE_PER_USER, ONE_PER_CURRENCY, ONE_PER_ACCOUNT = "userId_1", "userId_1_currency_1", "account_1_currency_1"
OF_USERS, OF_THE_HOUSE = {"userId": {"$exists": True}}, {"account": {"$exists": True}}
ROWS = {
    "wallet_newest": [("walletId", 1), *NEWEST],
    "wallet_type_newest": [("walletId", 1), ("type", 1), *NEWEST],
    "wallet_status_newest": [("walletId", 1), ("status", 1), *NEWEST],
    "newest": NEWEST,
    "type_newest": [("type", 1), *NEWEST],
    "status_newest": [("status", 1), *NEWEST],
}
LEDGER = {"entryId_1": [("entryId", 1)], "debit_1_at_-1": [("debit", 1), ("at", -1)],
          "credit_1_at_-1": [("credit", 1), ("at", -1)], "at_-1": [("at", -1)]}  # fmt: skip
HOLDS = {
    "state_1_expiresAt_1": [("state", 1), ("expiresAt", 1)],
    "state_kind_newest": [("state", 1), ("kind", 1), *NEWEST],
}


def upgrade(database: Database, ops: Database) -> None:
    """Create what is missing."""
    wallets = database["wallets"]
    wallets.create_index([("userId", 1), ("currency", 1)], unique=True, partialFilterExpression=OF_USERS)
    wallets.create_index([("account", 1), ("currency", 1)], unique=True, partialFilterExpression=OF_THE_HOUSE)
    wallets.create_index([("currency", 1), ("balance", -1), ("_id", -1)])
    wallets.create_index("isLocked", partialFilterExpression={"isLocked": True})
    if wallets.index_information().get(ONE_PER_USER, {}).get("unique"):
        wallets.drop_index(ONE_PER_USER)
    for name, keys in ROWS.items():
        database["transactions"].create_index(keys, name=name)
    database["transactions"].create_index("entryId", sparse=True)
    for name, keys in LEDGER.items():
        ops["transfers"].create_index(keys, name=name)
    for name, keys in HOLDS.items():
        ops["holds"].create_index(keys, name=name)


def downgrade(database: Database, ops: Database) -> None:
    """Drop what this migration made; the ledger itself stays."""
    made = {
        database["wallets"]: [ONE_PER_CURRENCY, ONE_PER_ACCOUNT, "currency_1_balance_-1__id_-1", "isLocked_1"],
        database["transactions"]: [*ROWS, "entryId_1"],
        ops["transfers"]: list(LEDGER),
        ops["holds"]: list(HOLDS),
    }
    for collection, names in made.items():
        for name in set(names) & set(collection.index_information()):
            collection.drop_index(name)
