"""What Elasticsearch answers, as the interface has it."""

import re
from collections.abc import Iterable

from bson import ObjectId

from mixillo.blueprints.products.services.search.elastic.asking import CLOSE, OPEN
from mixillo.blueprints.products.services.search.engine import MOST_COUNTED, Counts, Document, Hits, Wanted
from mixillo.blueprints.products.services.search.words import is_one_error

MARKED = re.compile(f"{OPEN}(.*?){CLOSE}")


def hits(answer: Document, wanted: Wanted, mode: str, limit: int) -> Hits:
    """Return a page of hits; its place is ``[mode, *values of the sort]``."""
    found = answer["hits"]["hits"]
    page = found[:limit]
    place = [mode, *page[-1]["sort"]] if len(found) > limit else None
    matched = frozenset(_matched(page))
    return Hits([ObjectId(hit["_id"]) for hit in page], place, matched, _correction(wanted.words, matched))


def counts(answer: Document) -> Counts:
    """Return how the hits spread."""
    spread = answer["aggregations"]
    return Counts(
        min(answer["hits"]["total"]["value"], MOST_COUNTED),
        {ObjectId(each["key"]): each["doc_count"] for each in spread["categories"]["buckets"]},
        {each["key"]: each["doc_count"] for each in spread["brands"]["buckets"]},
        {each["key"]: each["doc_count"] for each in spread["bands"]["buckets"]},
    )


def by_usage(answer: Document) -> list[str]:
    """Return words, the most used first."""
    buckets = answer["aggregations"]["words"]["buckets"]
    return [each["key"] for each in sorted(buckets, key=lambda each: (-each["doc_count"], each["key"]))]


def _matched(found: list[Document]) -> Iterable[str]:
    """Yield the words that matched in any hit."""
    for hit in found:
        for texts in hit.get("highlight", {}).values():
            for text in texts:
                yield from MARKED.findall(text)


def _correction(words: tuple[str, ...], matched: frozenset[str]) -> str | None:
    """Return what was found in the place of words that no hit has, ``None`` where every hit has what was asked for."""
    mended = [_mended(word, matched) for word in words]
    return None if not matched or tuple(mended) == words else " ".join(mended)


def _mended(word: str, matched: frozenset[str]) -> str:
    if any(each.startswith(word) for each in matched):
        return word
    return min((each for each in matched if is_one_error(word, each)), default=word)
