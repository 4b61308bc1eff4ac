"""The index by which an order finds the streams that it came of."""

from pymongo.database import Database

NAME = "of_order"


def upgrade(database: Database, ops: Database) -> None:
    """Create the index."""
    database["liveshoppingsessions"].create_index(
        "orders.orderId", name=NAME, partialFilterExpression={"orders.orderId": {"$exists": True}}
    )


def downgrade(database: Database, ops: Database) -> None:
    """Drop it."""
    if NAME in database["liveshoppingsessions"].index_information():
        database["liveshoppingsessions"].drop_index(NAME)
