"""What an index is, and when one makes another superfluous. Fields are compared as tuples, never as joined names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import bson
from pymongo.database import Database

Keys = tuple[tuple[str, Any], ...]
ID = "_id_"
# Options that change which documents an index holds or how it compares them.
SELECTING = ("partialFilterExpression", "sparse", "collation")


@dataclass(frozen=True)
class Index:
    """An index of ``collection``; ``spec`` is the server's own description of it."""

    collection: str
    name: str
    keys: Keys
    spec: Mapping[str, Any]

    @classmethod
    def of(cls, collection: str, spec: Mapping[str, Any]) -> "Index":
        """Return the index that the server describes by ``spec``."""
        keys = tuple((field, _direction(kind)) for field, kind in spec["key"].items())
        return cls(collection, spec["name"], keys, spec)

    @property
    def unique(self) -> bool:
        """Whether it keeps values unique; the one on ``_id`` always does."""
        return bool(self.spec.get("unique")) or self.name == ID

    @property
    def hidden(self) -> bool:
        """Whether the planner is kept from using it."""
        return bool(self.spec.get("hidden"))

    @property
    def expires(self) -> bool:
        """Whether it deletes documents that are old enough."""
        return "expireAfterSeconds" in self.spec

    @property
    def ordered(self) -> bool:
        """Whether it is an ordinary one: ascending or descending, neither text, place, hash nor wildcard."""
        return all(kind in (1, -1) and "$**" not in field for field, kind in self.keys)

    @property
    def selecting(self) -> bytes:
        """The options in ``SELECTING``, in a form to compare: interchangeable indexes have the same."""
        return bson.encode({name: self.spec.get(name) or None for name in SELECTING})

    @property
    def shown(self) -> str:
        """The keys as people write them: ``userId: 1, createdAt: -1``."""
        return ", ".join(f"{field}: {kind}" for field, kind in self.keys)

    def serves_as(self, other: "Index") -> bool:
        """Return whether every query and sort that ``other`` serves can use this one.

        That is so when ``other``'s keys are the first of this one's, in the same directions or all reversed, and
        both hold the same documents in the same order of comparison.
        """
        if self.collection != other.collection or self.name == other.name or self.hidden:
            return False
        if not (self.ordered and other.ordered) or self.selecting != other.selecting:
            return False
        first = self.keys[: len(other.keys)]
        return other.keys in (first, _reversed(first))


def indexes(database: Database, collection: str) -> list[Index]:
    """Return the indexes of one collection."""
    return [Index.of(collection, dict(spec)) for spec in database[collection].list_indexes()]


def collections(database: Database) -> Iterator[str]:
    """Yield the names of the collections that have indexes of their own, sorted."""
    names = database.list_collection_names(filter={"type": "collection"})
    yield from sorted(name for name in names if not name.startswith("system."))


def _direction(kind: Any) -> Any:
    """Return ascending and descending as 1 and -1, whatever number was given."""
    if isinstance(kind, int | float):
        return -1 if kind < 0 else 1
    return kind


def _reversed(keys: Keys) -> Keys:
    return tuple((field, -kind) for field, kind in keys)
