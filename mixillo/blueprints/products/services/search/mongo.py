"""The search engine in MongoDB: no server beside the one that is there.

Every product on sale has an entry with its words, each marked with where it stands: in the name (``n``), in brand, tags
or category (``l``), in the description (``d``). Hits come in tiers, from "every word is in the name" to "some word is
somewhere"; inside a tier the better known come first. Each tier is one walk along an index that ends when the page is
full, so that a search costs the same whether a word has twenty products or twenty thousand.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pymongo
from bson import ObjectId
from pymongo import ReplaceOne, WriteConcern
from pymongo.collection import Collection

from mixillo.blueprints.products.services.search import filters, vocabulary
from mixillo.blueprints.products.services.search.engine import (
    MOST_COUNTED,
    RELEVANCE,
    Counts,
    Document,
    Entry,
    Hits,
    Place,
    Wanted,
)
from mixillo.blueprints.products.services.search.expansion import expanded
from mixillo.blueprints.products.services.search.filters import LABELS, NAME, TEXT, narrowed
from mixillo.blueprints.products.services.search.replacing import BUILDING_SECONDS, asked_again, replacement_of
from mixillo.core.db import hinted, ops_database

COLLECTION = "productsearch"
# What is looked at to count, whatever else is asked for; and how many are counted in an index, which is much quicker.
MOST_EXAMINED, MOST_CANDIDATES = 2_000, 20_000
BY_POPULARITY = [("popularity", -1), ("_id", -1)]
ORDERS = {
    "price": [("price", 1), ("_id", 1)],
    "-price": [("price", -1), ("_id", -1)],
    "-rating": [("rating", -1), ("_id", -1)],
    "-createdAt": [("createdAt", -1), ("_id", -1)],
}


class MongoEngine:
    """See the module."""

    name = "mongodb"

    @asked_again
    def search(self, wanted: Wanted, limit: int, skipped: int = 0, place: Place | None = None) -> Hits:
        """Return up to ``limit`` hits, the best first, behind ``place`` or behind the first ``skipped``."""
        if wanted.sort_by != RELEVANCE:
            return self._sorted(wanted, limit, skipped, place)
        found: list[Document] = []
        first, *rest = place or [0]
        for number, tier in enumerate(filters.apart(_tiers(wanted))):
            if number < first:
                continue
            behind = filters.behind(BY_POPULARITY, rest) if number == first and rest else {}
            where = {"$and": [tier, narrowed(wanted), behind]}
            hits = list(
                _entries().find(
                    where, {"popularity": 1}, sort=BY_POPULARITY, skip=skipped, limit=limit + 1 - len(found)
                )
            )
            if skipped:
                skipped = 0 if hits else skipped - _entries().count_documents(where, limit=skipped)
            found += [hit | {"tier": number} for hit in hits]
            if len(found) > limit:
                break
        return self._page(wanted, found, limit, ("tier", "popularity", "_id"))

    @asked_again
    def count(self, wanted: Wanted) -> Counts:
        """Return how the first ``MOST_COUNTED`` hits spread.

        At most ``MOST_EXAMINED`` that have the rarest word are looked at. Where more have it, all is reckoned from the
        share of these that are hits.
        """
        rarest, *others = _conditions(wanted)
        rest = [condition for condition in (*others, narrowed(wanted)) if condition]
        spread = {"category": "$category", "brand": "$brand", "band": "$band"}
        stages: list[Document] = [
            {"$match": rarest},
            {"$limit": MOST_EXAMINED},
            *([{"$match": {"$and": rest}}] if rest else []),
            {"$limit": MOST_COUNTED},
            {"$group": {"_id": spread, "count": {"$sum": 1}}},
        ]
        counts = Counts()
        total = 0
        for group in _entries().aggregate(stages):
            total += group["count"]
            for name, held in (("category", counts.categories), ("brand", counts.brands), ("band", counts.bands)):
                value = group["_id"].get(name)
                if value is not None:
                    held[value] = held.get(value, 0) + group["count"]
        times = _times(total, rarest) if rest and 0 < total < MOST_COUNTED else 1.0
        spread_out = (_multiplied(held, times) for held in (counts.categories, counts.brands, counts.bands))
        return Counts(round(total * times), *spread_out)

    def complete(self, word: str, limit: int) -> list[str]:
        """Return words that begin with ``word``, the most used first."""
        return vocabulary.completions(word, limit)

    def put(self, entries: Iterable[Entry], gone: Iterable[ObjectId]) -> None:
        """Take in or replace ``entries``, and forget what is ``gone``; words are counted on the way."""
        stored = [_document(each) for each in entries]
        removed = list(gone)
        ids = [each["_id"] for each in stored] + removed
        before = Counter(word for each in _entries().find({"_id": {"$in": ids}}, {"words": 1}) for word in _bare(each))
        _store(stored)
        if removed:
            _entries().delete_many({"_id": {"$in": removed}})
        changes = Counter(word for each in stored for word in _bare(each))
        changes.subtract(before)
        vocabulary.step(changes)

    def rebuild(self, entries: Iterable[list[Entry]]) -> int:
        """Hold exactly ``entries`` (in batches) from now on; return how many. Searches go on meanwhile."""
        counts, total = Counter[str](), 0
        with replacement_of(COLLECTION) as replacement:
            for batch in entries:
                stored = [_document(each) for each in batch]
                replacement.fill(stored)
                for each in stored:
                    counts.update(_bare(each))
                total += len(stored)
            replacement.arrange(BY_POPULARITY)
            replacement.index()
            # Words first: one too many is harmless, without its word a product is not found.
            with pymongo.timeout(BUILDING_SECONDS):
                vocabulary.replace(counts)
            replacement.take_place()
        return total

    def is_there(self) -> bool:
        """Return whether what was built is still there: it is in the database that says so."""
        return True

    def _sorted(self, wanted: Wanted, limit: int, skipped: int, place: Place | None) -> Hits:
        """Return hits in another order; a word in the description does not count then: it is at the top too easily."""
        order = ORDERS[wanted.sort_by]
        behind = filters.behind(order, place) if place else {}
        where = {"$and": [_anywhere(wanted), narrowed(wanted), behind]}
        field, _ = order[0]
        found = hinted(
            lambda index: list(
                _entries().find(where, {field: 1}, sort=order, skip=skipped, limit=limit + 1, hint=index)
            ),
            f"labels_{field}",
        )
        return self._page(wanted, found, limit, (field, "_id"))

    @staticmethod
    def _page(wanted: Wanted, found: list[Document], limit: int, fields: tuple[str, ...]) -> Hits:
        page = found[:limit]
        place = [page[-1][field] for field in fields] if len(found) > limit else None
        expansion = expanded(wanted.words)
        matched = frozenset(word for alternatives in expansion.words for word in alternatives)
        return Hits([hit["_id"] for hit in page], place, matched, expansion.correction)


def _tiers(wanted: Wanted) -> Iterator[Document]:
    """Yield the filter of each tier, the best first."""
    exact = [[word] for word in wanted.words]
    for places in (NAME, LABELS, TEXT):
        yield filters.every(exact, places)
    alternatives = expanded(wanted.words).words
    for places in (LABELS, TEXT):
        yield filters.every(alternatives, places)
    if not _is_any(wanted):
        yield filters.some(alternatives, LABELS)


def _anywhere(wanted: Wanted) -> Document:
    """Return the filter of hits in another order than relevance."""
    return {"$and": [{"labels": {"$in": words}} for words in expanded(wanted.words).words]}


def _conditions(wanted: Wanted) -> list[Document]:
    """Return what all hits fulfil, in whichever tier: a filter for each word, the rarest first."""
    alternatives = expanded(wanted.words).words
    places = TEXT if wanted.sort_by == RELEVANCE else LABELS
    if wanted.sort_by == RELEVANCE and not _is_any(wanted):
        return [filters.some(alternatives, LABELS)]
    if len(alternatives) > 1:
        usage = vocabulary.usage(word for words in alternatives for word in words)
        alternatives = sorted(alternatives, key=lambda words: sum(usage.get(word, 0) for word in words))
    return [filters.some([words], places) for words in alternatives]


def _is_any(wanted: Wanted) -> bool:
    """Return whether something has every word; of a single word there is nothing less to look for."""
    every = {"$and": [filters.every(expanded(wanted.words).words, TEXT), narrowed(wanted)]}
    return len(wanted.words) == 1 or _entries().find_one(every, {"_id": 1}) is not None


def _times(found: int, candidates: Document) -> float:
    """Return how many hits each stands for that was ``found`` among the first ``MOST_EXAMINED`` of ``candidates``."""
    there = _entries().count_documents(candidates, limit=MOST_CANDIDATES)
    return min(max(1.0, there / MOST_EXAMINED), MOST_COUNTED / found)


def _multiplied(counted: dict[Any, int], times: float) -> dict[Any, int]:
    return {value: round(count * times) for value, count in counted.items()}


def _document(each: Entry) -> Document:
    marked = [*filters.marked(each.name, "n"), *filters.marked(each.labels, "l"), *filters.marked(each.text, "d")]
    return {
        "_id": each.id,
        "words": marked,
        "labels": [*each.name, *each.labels],
        **each.fields,
    }


def _store(documents: list[Document]) -> None:
    """Take in or replace ``documents``. What is lost in a crash is put again from the products: no disk to wait for."""
    if documents:
        quickly = _entries().with_options(write_concern=WriteConcern(w=1, j=False))
        quickly.bulk_write([ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in documents], ordered=False)


def _bare(stored: Document) -> Iterator[str]:
    return (word[2:] for word in stored["words"])


def _entries() -> Collection[Document]:
    return ops_database()[COLLECTION]
