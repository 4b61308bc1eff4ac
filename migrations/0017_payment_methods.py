"""The index by which somebody's payment methods are found, newest first."""

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

NAME = "newest_of_user"


def upgrade(database: Database, ops: Database) -> None:
    """Create it."""
    keys = [("userId", ASCENDING), ("createdAt", DESCENDING), ("_id", DESCENDING)]
    database["paymentmethods"].create_index(keys, name=NAME)


def downgrade(database: Database, ops: Database) -> None:
    """Drop it."""
    if NAME in database["paymentmethods"].index_information():
        database["paymentmethods"].drop_index(NAME)
