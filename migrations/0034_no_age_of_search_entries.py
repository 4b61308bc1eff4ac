"""The entries of the product search have no age any more: a rebuilt collection takes the place of the one before."""

from pymongo.database import Database

NAME, KEYS = "builtAt", [("builtAt", 1)]


def upgrade(database: Database, ops: Database) -> None:
    """Drop the index by age."""
    if NAME in ops["productsearch"].index_information():
        ops["productsearch"].drop_index(NAME)


def downgrade(database: Database, ops: Database) -> None:
    """Create it again."""
    ops["productsearch"].create_index(KEYS, name=NAME)
