"""What Elasticsearch is asked, as its query language has it; text of users stands in no place that is a pattern.

The score is a sum of constants, for each word where it stands and how exactly: no statistics of the index, which differ
between copies and change with every product, so that equal hits are equal, the better known come first, and the place
where a page ends stays where it is.
"""

from mixillo.blueprints.products.services.search.elastic.index import FIELDS, LABELS, NAME, TEXT
from mixillo.blueprints.products.services.search.engine import MOST_COUNTED, RELEVANCE, Document, Place, Wanted
from mixillo.blueprints.products.services.search.words import SHORTEST_TO_CORRECT

WEIGHTS = {NAME: 32, LABELS: 16, TEXT: 8}
# A word that is only begun, or only meant, weighs less wherever it stands than the very word in any place.
BEGUN, MEANT = 0.2, 0.02
# How a search is asked, one after another until something is found.
EXACT, MISSPELT, SOME = MODES = ("exact", "misspelt", "some")
MOST_EXPANSIONS = 50
OPEN, CLOSE = "<m>", "</m>"
DESCENDING, ASCENDING = "desc", "asc"
ORDERS = {
    RELEVANCE: [("_score", DESCENDING), ("popularity", DESCENDING), ("id", DESCENDING)],
    "price": [("price", ASCENDING), ("id", ASCENDING)],
    "-price": [("price", DESCENDING), ("id", DESCENDING)],
    "-rating": [("rating", DESCENDING), ("id", DESCENDING)],
    "-createdAt": [("createdAt", DESCENDING), ("id", DESCENDING)],
}
# More than there are of categories and brands that anybody shows, and of bands.
MOST_BUCKETS = 100


def modes(wanted: Wanted) -> tuple[str, ...]:
    """Return the ways to ask for ``wanted``; of a single word there is no part to look for."""
    return MODES if len(wanted.words) > 1 else (EXACT, MISSPELT)


def page(wanted: Wanted, mode: str, limit: int, skipped: int, place: Place | None) -> Document:
    """Return the search for one hit more than ``limit``, which tells whether there is a next page."""
    asked: Document = {
        "query": query(wanted, mode),
        "sort": [{field: {"order": order}} for field, order in ORDERS[wanted.sort_by]],
        "size": limit + 1,
        "source": False,
        "track_total_hits": False,
        "highlight": {
            # The words that matched, by which the texts of the products themselves are marked.
            "fields": {field: {"number_of_fragments": 0} for field in FIELDS},
            "pre_tags": [OPEN],
            "post_tags": [CLOSE],
        },
    }
    return asked | ({"search_after": place} if place else {"from_": skipped})


def counts(wanted: Wanted, mode: str) -> Document:
    """Return the search for how the first ``MOST_COUNTED`` hits spread."""
    return {
        "query": query(wanted, mode),
        "size": 0,
        "track_total_hits": MOST_COUNTED,
        "terminate_after": MOST_COUNTED,
        "aggs": {
            name: {"terms": {"field": field, "size": MOST_BUCKETS}}
            for name, field in (("categories", "category"), ("brands", "brand"), ("bands", "band"))
        },
    }


def usage(words: list[str]) -> Document:
    """Return the search for how many products have each of ``words``."""
    # A list is taken as it is; only a text would be a pattern.
    aggregation = {"terms": {"field": "words", "include": words, "size": len(words)}}
    return {"query": {"terms": {"words": words}}, "size": 0, "track_total_hits": False, "aggs": {"words": aggregation}}


def query(wanted: Wanted, mode: str) -> Document:
    """Return the query for ``wanted``: all words, or for ``SOME`` at least one, and what narrows the result down."""
    # In another order than relevance a word in the description would be at the top too easily; so would one of several.
    fields = FIELDS if mode != SOME and wanted.sort_by == RELEVANCE else (NAME, LABELS)
    last = len(wanted.words) - 1
    clauses = [
        _word(word, fields, begun=number == last, meant=mode != EXACT) for number, word in enumerate(wanted.words)
    ]
    needed = 1 if mode == SOME else len(clauses)
    return {"bool": {"should": clauses, "minimum_should_match": needed, "filter": narrowed(wanted)}}


def narrowed(wanted: Wanted) -> list[Document]:
    """Return the filters of what ``wanted`` narrows the result down by."""
    filters: list[Document] = []
    if wanted.categories is not None:
        filters.append({"terms": {"category": [str(each) for each in wanted.categories]}})
    prices = {"gte": wanted.min_price, "lte": wanted.max_price}
    for field, bounds in (("price", prices), ("rating", {"gte": wanted.min_rating})):
        if found := {name: value for name, value in bounds.items() if value is not None}:
            filters.append({"range": {field: found}})
    equal = {"storeId": wanted.store_id, "sellerId": wanted.seller_id, "inStock": wanted.in_stock}
    for field, value in equal.items():
        if value is not None:
            filters.append({"term": {field: value if isinstance(value, bool) else str(value)}})
    return filters


def _word(word: str, fields: tuple[str, ...], *, begun: bool, meant: bool) -> Document:
    """Return the clause for one word, whose score is that of the best place where it stands."""
    found = [_constant({"term": {field: {"value": word}}}, WEIGHTS[field]) for field in fields]
    if begun:
        found += [_constant({"prefix": {field: {"value": word}}}, WEIGHTS[field] * BEGUN) for field in fields]
    if meant and len(word) >= SHORTEST_TO_CORRECT:
        near = {"value": word, "fuzziness": 1, "max_expansions": MOST_EXPANSIONS, "transpositions": True}
        found += [_constant({"fuzzy": {field: near}}, WEIGHTS[field] * MEANT) for field in fields]
    return {"dis_max": {"queries": found}}


def _constant(filter_: Document, boost: float) -> Document:
    return {"constant_score": {"filter": filter_, "boost": boost}}
