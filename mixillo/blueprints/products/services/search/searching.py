"""A search as the API answers it: products with what matched in them, how the hits spread, and suggestions."""

from html import escape
from typing import Any

from flask import current_app

from mixillo.blueprints.categories.queries import shelves
from mixillo.blueprints.products.queries import catalogue
from mixillo.blueprints.products.services.search import keeping, recording
from mixillo.blueprints.products.services.search.engine import (
    BANDS,
    MOST_COUNTED,
    Counts,
    Document,
    Finder,
    Hits,
    Wanted,
)
from mixillo.blueprints.products.services.search.words import asked, spans
from mixillo.core.kept import kept
from mixillo.core.pagination import decode_cursor, encode_cursor
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

SECONDS_COUNTED = 30.0
MOST_NAMED = 20
# How much of a description is shown around the first word that matched, in characters.
BEFORE, SNIPPET = 60, 200
TERM, CATEGORY, PRODUCT = KINDS = ("term", "category", "product")
MOST_PRODUCTS, MOST_CATEGORIES = 3, 2
PLACE = [("place", 1)]


def search(query: Document, viewer: Viewer | None) -> Document:
    """Return ``{products, pagination, facets?, correction}`` for what :class:`SearchQuery` loaded.

    The first page is written down with the number of hits.

    :raises ValidationFailed: ``q`` has no word, or the cursor is of another search.
    :raises SearchNotReady: the products are being put into the search.
    """
    words = asked(query["q"])
    if not words:
        raise ValidationFailed.of("q", "Say what to search for: at least one letter or digit.")
    engine = _finder()
    wanted = _wanted(query, words)
    if wanted is None:
        return _nothing(query)
    hits = _page(engine, wanted, query)
    counts = _counts(engine, wanted) if query["facets"] or query["total"] else Counts()
    if not query.get("cursor") and query["page"] == 1:
        recording.terms_of(_app()).note(query["q"], counts.total or len(hits.ids), viewer.id if viewer else None)
    return _answer(engine, wanted, query, hits, counts)


def suggest(text: str, limit: int) -> list[Document]:
    """Return what somebody who typed ``text`` may be about to search for: words, categories, products.

    :raises ValidationFailed: ``text`` has no word.
    :raises SearchNotReady: see above.
    """
    words = asked(text)
    if not words:
        raise ValidationFailed.of("q", "Type at least one letter or digit.")
    engine, last = _finder(), words[-1]
    categories = [
        c for c in shelves().all if c["isActive"] and any(word.startswith(last) for _, _, word in spans(c["name"]))
    ]
    found = [_suggestion(CATEGORY, c["name"], c["_id"], c["slug"]) for c in categories[:MOST_CATEGORIES]]
    hits = engine.search(Wanted(tuple(words)), MOST_PRODUCTS)
    products = catalogue.by_ids(hits.ids)
    found += [_suggestion(PRODUCT, p["name"], p["_id"], p["slug"]) for i in hits.ids if (p := products.get(i))]
    terms = _terms(engine, words, max(1, limit - len(found)))
    return ([_suggestion(TERM, term) for term in terms] + found)[:limit]


def highlighted(text: str, matched: frozenset[str]) -> str | None:
    """Return ``text`` as HTML with the words that matched in ``<em>``; ``None`` where none does."""
    parts, end = [], 0
    for start, stop, word in spans(text):
        if word in matched:
            parts += [escape(text[end:start]), f"<em>{escape(text[start:stop])}</em>"]
            end = stop
    return "".join([*parts, escape(text[end:])]) if parts else None


def _snippet(text: str, matched: frozenset[str]) -> str | None:
    """Return the part of ``text`` around its first match, highlighted, cut between words."""
    first = next((start for start, _, word in spans(text) if word in matched), None)
    if first is None:
        return None
    start = 0 if first <= BEFORE else text.rfind(" ", 0, first - BEFORE) + 1
    stop = len(text) if len(text) - start <= SNIPPET else max(text.rfind(" ", start, start + SNIPPET), first + 1)
    shown = highlighted(text[start:stop], matched)
    return shown and ("… " * (start > 0) + shown + " …" * (stop < len(text)))


def _wanted(query: Document, words: list[str]) -> Wanted | None:
    """Return what is searched for; ``None`` where the category is unknown, which leaves nothing."""
    categories = None
    if "category" in query:
        category = shelves().find(query["category"])
        if category is None:
            return None
        categories = tuple(shelves().within(category["_id"]))
    prices = {name: float(query[key]) for name, key in (("min_price", "minPrice"), ("max_price", "maxPrice"),
              ("min_rating", "minRating")) if key in query}  # fmt: skip
    return Wanted(
        tuple(words),
        categories,
        query.get("storeId"),
        query.get("sellerId"),
        in_stock=query.get("inStock"),
        sort_by=query["sortBy"],
        **prices,
    )


def _page(engine: Finder, wanted: Wanted, query: Document) -> Hits:
    if cursor := query.get("cursor"):
        (place,) = decode_cursor(cursor, _signed(engine, wanted), PLACE)
        return engine.search(wanted, query["limit"], place=place)
    skipped = (query["page"] - 1) * query["limit"]
    return engine.search(wanted, query["limit"], skipped) if skipped < MOST_COUNTED else Hits([], None)


def _counts(engine: Finder, wanted: Wanted) -> Counts:
    return kept(("search.counts", wanted), SECONDS_COUNTED, lambda: engine.count(wanted))


def _answer(engine: Finder, wanted: Wanted, query: Document, hits: Hits, counts: Counts) -> Document:
    found = catalogue.by_ids(hits.ids)
    products = [_shown(found[product_id], hits.matched) for product_id in hits.ids if product_id in found]
    cursor = encode_cursor({"place": hits.place}, _signed(engine, wanted), PLACE) if hits.place else None
    pagination: Document = {"limit": query["limit"], "hasMore": hits.place is not None, "nextCursor": cursor}
    if not query.get("cursor"):
        pagination["page"] = query["page"]
        if query["total"]:
            total = _total(counts, query, hits)
            pagination |= {"total": total, "pages": -(-total // query["limit"])}
    facets = {"facets": _facets(counts)} if query["facets"] else {}
    return {"products": products, "pagination": pagination, "correction": hits.correction, **facets}


def _total(counts: Counts, query: Document, hits: Hits) -> int:
    """Return how many hits there are as far as they are counted; what the page itself tells is known better."""
    seen = (query["page"] - 1) * query["limit"] + len(hits.ids)
    if hits.place is not None:
        return max(counts.total, min(seen + 1, MOST_COUNTED))
    return seen if hits.ids or query["page"] == 1 else min(counts.total, seen)


def _shown(product: Document, matched: frozenset[str]) -> Document:
    marks = {
        "name": highlighted(product["name"], matched),
        "description": _snippet(product["description"] or "", matched),
        "brand": highlighted(product["brand"] or "", matched),
    }
    return product | {"highlights": marks}


def _facets(counts: Counts) -> Document:
    categories = [(shelves().summary(key), count) for key, count in _most(counts.categories)]
    ends: list[int | None] = [*BANDS[1:], None]
    return {
        "categories": [summary | {"count": count} for summary, count in categories if summary],
        "brands": [{"brand": brand, "count": count} for brand, count in _most(counts.brands)],
        "prices": [{"from": BANDS[n], "to": ends[n], "count": count} for n, count in sorted(counts.bands.items())],
    }


def _most(counted: dict[Any, int]) -> list[tuple[Any, int]]:
    return sorted(counted.items(), key=lambda each: (-each[1], str(each[0])))[:MOST_NAMED]


def _nothing(query: Document) -> Document:
    return {"products": [], "pagination": catalogue.empty(query), "correction": None} | (
        {"facets": _facets(Counts())} if query["facets"] else {}
    )


def _terms(engine: Finder, words: list[str], limit: int) -> list[str]:
    """Return texts that complete the last word; with words before it only those that find something."""
    completed = [" ".join([*words[:-1], word]) for word in engine.complete(words[-1], limit)]
    if len(words) == 1:
        return completed
    return [text for text in completed if engine.search(Wanted(tuple(asked(text))), 1).ids]


def _suggestion(kind: str, text: str, thing_id: Any = None, slug: str | None = None) -> Document:
    return {"kind": kind, "text": text, "_id": thing_id, "slug": slug}


def _signed(engine: Finder, wanted: Wanted) -> Document:
    """Return what a cursor of this search is bound to: also the engines, each of which knows its own places."""
    bound = {name: list(value) if isinstance(value, tuple) else value for name, value in _members(wanted)}
    return bound | {"engine": engine.name}


def _members(wanted: Wanted) -> list[tuple[str, Any]]:
    return [(name, getattr(wanted, name)) for name in Wanted.__slots__]


def _finder() -> Finder:
    """Return what finds products, as soon as there is something to search in.

    :raises SearchNotReady: that takes longer than a request may.
    """
    keeping.keeper_of(_app()).ensure()
    return keeping.finder_of(_app())


def _app() -> Any:
    return current_app
