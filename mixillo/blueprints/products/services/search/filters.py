"""Filters of the entries in MongoDB: by words, each in some of the places where it may stand, and by all else."""

from collections.abc import Iterator

from mixillo.blueprints.products.services.search.engine import Document, Place, Wanted
from mixillo.blueprints.products.services.search.expansion import Alternatives
from mixillo.core.pagination import Sort

# Where words stand: in the name; there or in the labels; there or in the description.
NAME, LABELS, TEXT = "n", "nl", "nld"


def marked(words: list[str], places: str) -> list[str]:
    """Return ``words`` as they are stored: each with the place where it stands."""
    return [f"{place}:{word}" for place in places for word in words]


def every(alternatives: Alternatives, places: str) -> Document:
    """Return the filter of what has, for each word, one of its alternatives in one of ``places``."""
    return {"$and": [{"words": {"$in": marked(words, places)}} for words in alternatives]}


def some(alternatives: Alternatives, places: str) -> Document:
    """Return the filter of what has any of the alternatives of any word in one of ``places``."""
    return {"words": {"$in": marked([word for words in alternatives for word in words], places)}}


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


def apart(tiers: Iterator[Document]) -> Iterator[Document]:
    """Yield each of ``tiers`` without what is in those before it."""
    before: list[Document] = []
    for tier in tiers:
        if tier not in before:
            yield {"$and": [tier, {"$nor": before}]} if before else tier
            before.append(tier)


def behind(order: Sort, place: Place) -> Document:
    """Return the filter of what follows ``place`` in ``order``, whose two fields run the same way.

    Without alternatives, for each of which the database would take a way of its own and sort what it brings.
    """
    (field, direction), (last, _) = order
    before, until = ("$lte", "$gte") if direction < 0 else ("$gte", "$lte")
    return {field: {before: place[0]}, "$nor": [{field: place[0], last: {until: place[1]}}]}
