"""A collection that is filled apart, and takes the place of the one in use when it is whole.

Nobody reads what is half done. Its indexes are built at the end, from all that is in it: to keep them right document by
document takes many times as long.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pymongo
from bson import ObjectId
from pymongo import WriteConcern
from pymongo.collection import Collection
from pymongo.errors import OperationFailure, PyMongoError

from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.core.pagination import Sort

APART = "building"
# Nobody waits for these. A disk that writes down what came before makes a batch take seconds.
BATCH_SECONDS, BUILDING_SECONDS = 60, 3_600
# What a killed process left is dropped by the next one; before that, somebody may be at work on it.
LEFT_BEHIND = timedelta(days=1)
OF_THE_LISTING = ("v", "ns")
QUERY_PLAN_KILLED = 175
Document = dict[str, Any]
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Replacement:
    """What takes the place of the collection ``name``; ``fresh`` holds it meanwhile."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.fresh = _apart(name)

    def fill(self, documents: list[Document]) -> None:
        """Add ``documents``. A crash loses the whole and not a part: no disk to wait for."""
        if documents:
            quickly = self.fresh.with_options(write_concern=WriteConcern(w=1, j=False))
            with pymongo.timeout(BATCH_SECONDS):
                quickly.insert_many(documents, ordered=False)

    def arrange(self, order: Sort) -> None:
        """Store side by side what is read together: a page of the disk, and of the cache, holds dozens."""
        arranged = _apart(self.name)
        with pymongo.timeout(BUILDING_SECONDS):
            self.fresh.aggregate([{"$sort": dict(order)}, {"$out": arranged.name}], allowDiskUse=True)
        self.fresh.drop()
        self.fresh = arranged

    def index(self) -> None:
        """Build the indexes that the collection in use has."""
        listed = [dict(index) for index in ops_database()[self.name].list_indexes() if index["name"] != "_id_"]
        specs = [{key: value for key, value in index.items() if key not in OF_THE_LISTING} for index in listed]
        if specs:
            with pymongo.timeout(BUILDING_SECONDS):
                self.fresh.database.command({"createIndexes": self.fresh.name, "indexes": specs})

    def take_place(self) -> None:
        """Be the collection in use from now on, and drop the one that was."""
        with pymongo.timeout(BATCH_SECONDS):
            self.fresh.rename(self.name, dropTarget=True)


@contextmanager
def replacement_of(name: str) -> Iterator[Replacement]:
    """Yield what will take the place of the collection ``name``; dropped where it does not come to that."""
    _drop_left_behind()
    replacement = Replacement(name)
    ops_database().create_collection(replacement.fresh.name)
    try:
        yield replacement
    except BaseException:
        with suppress(PyMongoError):
            replacement.fresh.drop()
        raise


def asked_again(read: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Let ``read`` begin anew where the server broke it off, as it does when what it reads from is replaced."""

    @wraps(read)
    def reading(*args: Asked.args, **keywords: Asked.kwargs) -> Answer:
        try:
            return read(*args, **keywords)
        except OperationFailure as error:
            if error.code != QUERY_PLAN_KILLED:
                raise
            return read(*args, **keywords)

    return reading


def _apart(name: str) -> Collection[Document]:
    return ops_database()[f"{APART}.{ObjectId()}.{name}"]


def _drop_left_behind() -> None:
    of_ours = {"name": {"$regex": rf"^{APART}\.[0-9a-f]{{24}}\."}}
    for name in ops_database().list_collection_names(filter=of_ours):
        if ObjectId(name.split(".")[1]).generation_time < clock.now() - LEFT_BEHIND:
            ops_database().drop_collection(name)
