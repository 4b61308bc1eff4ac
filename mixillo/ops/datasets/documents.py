"""How the documents of a dataset are made: fixed ids, Mongoose's stamps, one container for all."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from bson import ObjectId

Document = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """Somebody to sign in as; the password is in clear because it is told once and stored nowhere."""

    username: str
    email: str
    password: str
    role: str


@dataclass(frozen=True)
class Dataset:
    """What a dataset puts into a database.

    ``collections`` exist after the load even when no document is in them; ``batches`` yields
    ``(collection, documents)`` and may name a collection more than once. Those that ``technical`` names are for
    the technical database; their documents say in ``dataset`` that they are of this one.
    """

    name: str
    collections: tuple[str, ...]
    batches: Iterator[tuple[str, list[Document]]]
    accounts: tuple[Account, ...] = ()
    technical: tuple[str, ...] = ()


@cache
def mark(dataset: str, collection: str) -> bytes:
    """Return the five middle bytes of every id that ``dataset`` gives out in ``collection``.

    A driver fills them with a random number per process, so no other document carries them.
    """
    return hashlib.sha256(f"{dataset}/{collection}".encode()).digest()[:5]


def object_id(dataset: str, collection: str, number: int, created: datetime) -> ObjectId:
    """Return an ObjectId that depends on nothing but its arguments and sorts by ``created``."""
    seconds = int(created.timestamp())
    return ObjectId(seconds.to_bytes(4, "big") + mark(dataset, collection) + number.to_bytes(3, "big"))


class DocumentFactory:
    """Makes documents in the stored shape; ids count up per collection, so the order of calls decides them."""

    def __init__(self, dataset: str) -> None:
        self.dataset = dataset
        self._made: defaultdict[str, int] = defaultdict(int)

    def new_id(self, collection: str, created: datetime) -> ObjectId:
        self._made[collection] += 1
        return object_id(self.dataset, collection, self._made[collection], created)

    def bare(self, collection: str, created: datetime, fields: Mapping[str, Any]) -> Document:
        """Return a document of a model without timestamps (views, shares)."""
        return {"_id": self.new_id(collection, created), **fields, "__v": 0}

    def dated(self, collection: str, created: datetime, fields: Mapping[str, Any]) -> Document:
        """Return a document of a model that keeps ``createdAt`` only (follows, likes, messages)."""
        return {"_id": self.new_id(collection, created), **fields, "createdAt": created, "__v": 0}

    def stamped(
        self, collection: str, created: datetime, fields: Mapping[str, Any], updated: datetime | None = None
    ) -> Document:
        """Return a document with ``createdAt`` and ``updatedAt``, as most models have."""
        return {
            "_id": self.new_id(collection, created),
            **fields,
            "createdAt": created,
            "updatedAt": updated or created,
            "__v": 0,
        }
