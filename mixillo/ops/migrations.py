"""Migrations: numbered modules in ``migrations/``, applied in order, once, by one process at a time."""

from pymongo.database import Database

COLLECTION = "migrations"


def upgrade(database: Database, ops: Database) -> list[str]:
    """Apply what is pending and return the names."""
    return []
