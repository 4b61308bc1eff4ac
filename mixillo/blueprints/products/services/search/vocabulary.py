"""The words that products have: completed while they are typed, and corrected when one letter is wrong.

A word is stored with its beginnings, by which it is completed, and with its near forms, by which it is corrected; both
are looked up in an index. There are far fewer words than products, and ever fewer new ones.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection

from mixillo.blueprints.products.services.search.words import SHORTEST_TO_CORRECT, is_one_error, near
from mixillo.core.db import ops_database

COLLECTION = "searchwords"
LONGEST_BEGINNING = 12
MOST_NEAR, BATCH = 50, 1_000


def collection() -> Collection[dict[str, Any]]:
    """Return where the words are."""
    return ops_database()[COLLECTION]


def completions(word: str, limit: int) -> list[str]:
    """Return words that begin with ``word`` and are longer, the most used first."""
    where = {"starts": word[:LONGEST_BEGINNING], "count": {"$gt": 0}}
    found = collection().find(where, {"_id": 1}, sort=[("count", -1), ("_id", 1)])
    if len(word) <= LONGEST_BEGINNING:
        found = found.limit(limit + 1)
    longer = (each["_id"] for each in found if each["_id"] != word and each["_id"].startswith(word))
    return list(islice(longer, limit))


def corrections(word: str, limit: int) -> list[str]:
    """Return words that are one typing error away from ``word``, the most used first."""
    if len(word) < SHORTEST_TO_CORRECT:
        return []
    found = collection().find({"near": {"$in": near(word)}, "count": {"$gt": 0}}, {"count": 1}, limit=MOST_NEAR)
    right = [each for each in found if is_one_error(word, each["_id"])]
    right.sort(key=lambda each: (-each["count"], each["_id"]))
    return [each["_id"] for each in right[:limit]]


def usage(words: Iterable[str]) -> dict[str, int]:
    """Return how many products have each of ``words``, without those that none has."""
    found = collection().find({"_id": {"$in": list(words)}, "count": {"$gt": 0}}, {"count": 1})
    return {each["_id"]: each["count"] for each in found}


def step(changes: Counter[str]) -> None:
    """Count that so many products more, or fewer, have a word."""
    steps = [_step(word, by) for word, by in changes.items() if by]
    if steps:
        collection().bulk_write(steps, ordered=False)


def replace(counts: Counter[str]) -> None:
    """Hold exactly ``counts`` from now on."""
    for batch in _batches(counts.items()):
        collection().bulk_write([_stored(word, {"$set": {"count": count}}) for word, count in batch], ordered=False)
    gone = [each["_id"] for each in collection().find({}, {"_id": 1}) if each["_id"] not in counts]
    for batch in _batches(gone):
        collection().delete_many({"_id": {"$in": batch}})


def _step(word: str, by: int) -> UpdateOne:
    return _stored(word, {"$inc": {"count": by}})


def _stored(word: str, update: dict[str, Any]) -> UpdateOne:
    beginnings = [word[:length] for length in range(1, min(len(word), LONGEST_BEGINNING) + 1)]
    made = {"starts": beginnings, "near": near(word)}
    return UpdateOne({"_id": word}, update | {"$setOnInsert": made}, upsert=True)


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
