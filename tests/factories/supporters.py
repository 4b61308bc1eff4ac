"""The catalogue of supporters, as both datasets have it."""

from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.datasets.documents import DocumentFactory
from mixillo.ops.datasets.supporters import credit_packages, supporter_badges, supporter_tiers

Catalogue = dict[str, dict[str, Any]]


def make_packages(db: Database) -> Catalogue:
    """Store the five credit packages and return them by name."""
    return _stored(db, "creditpackages", credit_packages(DocumentFactory("tests"), clock.now()))


def make_tiers(db: Database) -> Catalogue:
    """Store the five tiers and return them by name."""
    return _stored(db, "supportertiers", supporter_tiers(DocumentFactory("tests"), clock.now()))


def make_badges(db: Database) -> Catalogue:
    """Store the six badges and return them by name."""
    return _stored(db, "supporterbadges", supporter_badges(DocumentFactory("tests"), clock.now()))


def _stored(db: Database, collection: str, documents: list[dict[str, Any]]) -> Catalogue:
    db[collection].insert_many(documents)
    return {document["name"]: document for document in documents}
