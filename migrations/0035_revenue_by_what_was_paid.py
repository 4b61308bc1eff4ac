"""What orders brought is what was paid for them, which the index that counts them has to hold."""

from pymongo import ASCENDING
from pymongo.database import Database

BEFORE, AFTER = "counted", "counted_by_paid"
GROUPS = ("status", "paymentStatus", "currency")


def upgrade(database: Database, ops: Database) -> None:
    """Let another index take the place of the one without the amount that was paid."""
    _replace(database, BEFORE, AFTER, "total", "paidAmount", "refundedAmount")


def downgrade(database: Database, ops: Database) -> None:
    """Take the one before again."""
    _replace(database, AFTER, BEFORE, "total", "refundedAmount")


def _replace(database: Database, before: str, after: str, *amounts: str) -> None:
    orders = database["orders"]
    orders.create_index([(field, ASCENDING) for field in (*GROUPS, *amounts)], name=after)
    if before in orders.index_information():
        orders.drop_index(before)
