"""The balances that wallets of the existing system have enter the ledger.

Safe to run again: each enters under an id of its own, once, and a wallet that the ledger knows is left alone.
"""

from pymongo.database import Database

from mixillo.blueprints.wallets.services.opening import open_books


def upgrade(database: Database, ops: Database) -> None:
    """Open the books."""
    open_books(database, ops)


def downgrade(database: Database, ops: Database) -> None:
    """Leave the ledger as it is: what has moved since stands on these balances."""
