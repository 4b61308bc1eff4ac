"""The search engine in MongoDB: no server beside the one that is there.

Every product on sale has an entry with its words, each marked with where it stands: in the name (``n``), in brand, tags
or category (``l``), in the description (``d``). Hits come in tiers, from "every word is in the name" to "some word is
somewhere"; inside a tier the better known come first. Each tier is one walk along an index that ends when the page is
full, so that a search costs the same whether a word has twenty products or twenty thousand.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pymongo
from bson import ObjectId
from pymongo import ReplaceOne, WriteConcern
from pymongo.collection import Collection

from mixillo.blueprints.products.services.search import vocabulary
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
from mixillo.blueprints.products.services.search.replacing import BUILDING_SECONDS, replacement_of
from mixillo.core.db import hinted, ops_database
from mixillo.core.kept import kept
from mixillo.core.pagination import Sort

COLLECTION = "productsearch"
NAME, LABELS, TEXT = "n", "nl", "nld"
MOST_COMPLETIONS, MOST_CORRECTIONS = 8, 4
SECONDS_KEPT = 30.0
BY_POPULARITY = [("popularity", -1), ("_id", -1)]
ORDERS = {
    "price": [("price", 1), ("_id", 1)],
    "-price": [("price", -1), ("_id", -1)],
    "-rating": [("rating", -1), ("_id", -1)],
    "-createdAt": [("createdAt", -1), ("_id", -1)],
}
Alternatives = list[list[str]]


@dataclass(frozen=True)
class Expansion:
    """For each word that was asked for, what it may stand for; ``correction`` is the text with its errors mended."""

    words: Alternatives
    correction: str | None


class MongoEngine:
    """See the module."""

    name = "mongodb"

    def search(self, wanted: Wanted, limit: int, skipped: int = 0, place: Place | None = None) -> Hits:
        """Return up to ``limit`` hits, the best first, behind ``place`` or behind the first ``skipped``."""
        if wanted.sort_by != RELEVANCE:
            return self._sorted(wanted, limit, skipped, place)
        found: list[Document] = []
        first, *rest = place or [0]
        for number, tier in enumerate(_apart(_tiers(wanted))):
            if number < first:
                continue
            behind = _behind(BY_POPULARITY, rest) if number == first and rest else {}
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

    def count(self, wanted: Wanted) -> Counts:
        """Return how the first ``MOST_COUNTED`` hits spread."""
        spread = {"category": "$category", "brand": "$brand", "band": "$band"}
        where = {"$and": [_anywhere(wanted), narrowed(wanted)]}
        stages: list[Document] = [
            {"$match": where},
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
        return Counts(total, counts.categories, counts.brands, counts.bands)

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
        behind = _behind(order, place) if place else {}
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


def expanded(words: tuple[str, ...]) -> Expansion:
    """Return what each of ``words`` may stand for: itself, what it begins, or what it was meant to be."""
    return kept(("search.expansion", words), SECONDS_KEPT, lambda: _expand(words))


def narrowed(wanted: Wanted) -> Document:
    """Return the filter of what ``wanted`` narrows the result down by."""
    where: Document = {}
    if wanted.categories is not None:
        where["category"] = {"$in": list(wanted.categories)}
    for name, operator, value in (
        ("price", "$gte", wanted.min_price), ("price", "$lte", wanted.max_price), ("rating", "$gte", wanted.min_rating),
    ):  # fmt: skip
        if value is not None:
            where.setdefault(name, {})[operator] = value
    equal = {"storeId": wanted.store_id, "sellerId": wanted.seller_id, "inStock": wanted.in_stock}
    return where | {name: value for name, value in equal.items() if value is not None}


def _expand(words: tuple[str, ...]) -> Expansion:
    there = vocabulary.known(words)
    found, mended = [], []
    for number, word in enumerate(words):
        # Only the last word is still being typed; of one that nothing has, any end may be missing.
        completed = number == len(words) - 1 or word not in there
        alternatives = [word] * (word in there) + (vocabulary.completions(word, MOST_COMPLETIONS) if completed else [])
        mended.append(word)
        if not alternatives:
            alternatives = vocabulary.corrections(word, MOST_CORRECTIONS)
            mended[-1] = alternatives[0] if alternatives else word
        found.append(alternatives or [word])
    return Expansion(found, None if tuple(mended) == words else " ".join(mended))


def _tiers(wanted: Wanted) -> Iterator[Document]:
    """Yield the filter of each tier, the best first."""
    exact = [[word] for word in wanted.words]
    for places in (NAME, LABELS, TEXT):
        yield _every(exact, places)
    alternatives = expanded(wanted.words).words
    for places in (LABELS, TEXT):
        yield _every(alternatives, places)
    if not _is_any(wanted):
        yield _some(alternatives, LABELS)


def _apart(tiers: Iterator[Document]) -> Iterator[Document]:
    """Yield each of ``tiers`` without what is in those before it."""
    before: list[Document] = []
    for tier in tiers:
        if tier not in before:
            yield {"$and": [tier, {"$nor": before}]} if before else tier
            before.append(tier)


def _anywhere(wanted: Wanted) -> Document:
    """Return the filter of all that is a hit, in whichever tier."""
    alternatives = expanded(wanted.words).words
    if wanted.sort_by != RELEVANCE:
        return {"$and": [{"labels": {"$in": words}} for words in alternatives]}
    return _every(alternatives, TEXT) if _is_any(wanted) else _some(alternatives, LABELS)


def _is_any(wanted: Wanted) -> bool:
    """Return whether something has every word; of a single word there is nothing less to look for."""
    every = {"$and": [_every(expanded(wanted.words).words, TEXT), narrowed(wanted)]}
    return len(wanted.words) == 1 or _entries().find_one(every, {"_id": 1}) is not None


def _every(alternatives: Alternatives, places: str) -> Document:
    return {"$and": [{"words": {"$in": _marked(words, places)}} for words in alternatives]}


def _some(alternatives: Alternatives, places: str) -> Document:
    return {"words": {"$in": _marked([word for words in alternatives for word in words], places)}}


def _behind(order: Sort, place: Place) -> Document:
    """Return the filter of what follows ``place`` in ``order``, whose two fields run the same way.

    Without alternatives, for each of which the database would take a way of its own and sort what it brings.
    """
    (field, direction), (last, _) = order
    before, until = ("$lte", "$gte") if direction < 0 else ("$gte", "$lte")
    return {field: {before: place[0]}, "$nor": [{field: place[0], last: {until: place[1]}}]}


def _marked(words: list[str], places: str) -> list[str]:
    return [f"{place}:{word}" for place in places for word in words]


def _document(each: Entry) -> Document:
    marked = [*_marked(each.name, "n"), *_marked(each.labels, "l"), *_marked(each.text, "d")]
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
