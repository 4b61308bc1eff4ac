"""Categories as the API shows them, found in one small snapshot of them all.

There are few categories, and every list of products asks for some of them, so all of them are read at once and kept
for some seconds. Whoever changes one forgets what is kept; other instances follow within these seconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bson import ObjectId

from mixillo.blueprints.categories.models import Category
from mixillo.core.db import database, hinted
from mixillo.core.kept import kept
from mixillo.core.slugs import ID
from mixillo.errors import NotFound

Document = dict[str, Any]
SECONDS_KEPT, SECONDS_COUNTED = 5.0, 30.0
# Projection and defaults in one: documents of the existing database lack fields that were added later.
SHOWN: Document = {
    "name": "",
    "slug": "",
    "description": None,
    "parentId": None,
    "icon": None,
    "image": None,
    "color": None,
    "sortOrder": 0,
    "isActive": True,
    "isFeatured": False,
    "metaTitle": None,
    "metaDescription": None,
    "createdAt": None,
    "updatedAt": None,
}
# What people may find of products, which stand above this feature and whose collection is therefore asked itself.
ON_SALE = {"isPublished": True, "status": {"$in": ["active", "out_of_stock"]}}


class CategoryNotFound(NotFound):
    """There is no such category."""

    code, title = "category_not_found", "There is no such category"


@dataclass(frozen=True)
class Shelves:
    """All categories, in the order in which they are shown."""

    all: list[Document]
    by_id: dict[ObjectId, Document] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {category["_id"]: category for category in self.all})

    @cached_property
    def children(self) -> dict[ObjectId | None, list[Document]]:
        """The categories below each; under ``None`` those at the top, also those whose parent is gone."""
        below: dict[ObjectId | None, list[Document]] = {}
        for category in self.all:
            parent = category["parentId"] if category["parentId"] in self.by_id else None
            below.setdefault(parent, []).append(category)
        return below

    def find(self, text: str) -> Document | None:
        """Return the category of this id, slug or name."""
        if ID.fullmatch(text):
            return self.by_id.get(ObjectId(text))
        named = (c for c in self.all if c["slug"] == text)
        return next(named, None) or next((c for c in self.all if c["name"].casefold() == text.casefold()), None)

    def within(self, category_id: ObjectId) -> list[ObjectId]:
        """Return the ids of a category and of all below it."""
        return list(self._below(category_id, set()))

    def _below(self, category_id: ObjectId, seen: set[ObjectId]) -> Iterator[ObjectId]:
        if category_id in seen:  # a circle, which old data may hold
            return
        seen.add(category_id)
        yield category_id
        for child in self.children.get(category_id, []):
            yield from self._below(child["_id"], seen)

    def summary(self, category_id: Any) -> Document | None:
        """Return the short form in which a category stands beside a thing."""
        found = self.by_id.get(category_id)
        return found and {name: found[name] for name in ("_id", "name", "slug")}


def shelves() -> Shelves:
    """Return all categories, as of some seconds ago at most."""
    return kept("categories", SECONDS_KEPT, _read)


def listed(query: Document) -> list[Document]:
    """Return the categories that ``parentId`` and ``activeOnly`` of ``query`` leave, with their counts."""
    found: Iterable[Document] = shelves().all
    if "parentId" in query:
        found = [category for category in found if category["parentId"] == query["parentId"]]
    if query.get("activeOnly"):
        found = [category for category in found if category["isActive"]]
    return [view(category) for category in found]


def tree(*, active_only: bool) -> list[Document]:
    """Return the categories at the top, each with its ``children``, and these with theirs."""
    found = shelves()

    def branch(category: Document, above: frozenset[ObjectId]) -> Document:
        below = [c for c in found.children.get(category["_id"], []) if c["_id"] not in above and shown(c)]
        return view(category) | {"children": [branch(child, above | {category["_id"]}) for child in below]}

    def shown(category: Document) -> bool:
        return category["isActive"] or not active_only

    return [branch(category, frozenset()) for category in found.children.get(None, []) if shown(category)]


def one(text: str) -> Document:
    """Return the category of this id or slug.

    :raises CategoryNotFound: there is none.
    """
    category = shelves().find(text)
    if category is None:
        raise CategoryNotFound
    return view(category)


def view(category: Document) -> Document:
    """Return a category as the API shows it, with how many products are on sale in it and below it."""
    counted = kept("categories.products", SECONDS_COUNTED, _count)
    count = sum(counted.get(category_id, 0) for category_id in shelves().within(category["_id"]))
    return category | {"id": category["_id"], "productsCount": count}


def shaped(document: Document) -> Document:
    """Return a stored category with its fields complete."""
    return {"_id": document["_id"]} | {name: document.get(name, default) for name, default in SHOWN.items()}


def _read() -> Shelves:
    found = Category.collection().find({}, dict.fromkeys(SHOWN, 1), sort=[("sortOrder", 1), ("_id", 1)])
    return Shelves([shaped(document) for document in found])


def _count() -> dict[ObjectId, int]:
    # The hint: an index that holds both fields answers without reading a product.
    return {each["_id"]: each["count"] for each in hinted(_grouped, "on_sale_counted")}


def _grouped(hint: str | None) -> Iterable[Document]:
    pipeline: list[Document] = [{"$match": ON_SALE}, {"$group": {"_id": "$category", "count": {"$sum": 1}}}]
    options: Document = {"hint": hint} if hint else {}
    return database()["products"].aggregate(pipeline, **options)
