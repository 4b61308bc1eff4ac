"""Where a reference stands inside a document: paths lead through embedded documents and lists alike."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from bson import Binary, DBRef, ObjectId

ID_TYPES = (ObjectId, str, int, Binary)


class Place(NamedTuple):
    """One id in a document: its dotted location (``items.2.productId``) and the list it is an item of, if any."""

    location: str
    list_location: str | None
    value: Any


def places(document: Mapping[str, Any], path: str) -> Iterator[Place]:
    """Yield every id at ``path`` (``items.productId``); absent, null and empty values are none."""
    yield from _descend(document, path.split("."), "", None)


def _descend(node: Any, segments: list[str], location: str, list_location: str | None) -> Iterator[Place]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _descend(item, segments, f"{location}.{index}", location)
    elif not segments:
        value = node.id if isinstance(node, DBRef) else node
        if isinstance(value, ID_TYPES) and not isinstance(value, bool) and value != "":
            yield Place(location, list_location, value)
    elif isinstance(node, Mapping) and segments[0] in node:
        inner = f"{location}.{segments[0]}" if location else segments[0]
        yield from _descend(node[segments[0]], segments[1:], inner, None)


def spellings(value: Any) -> tuple[Any, ...]:
    """Return ``value`` and, when it is an id written as text, the id: Mongoose follows both."""
    if isinstance(value, str) and ObjectId.is_valid(value):
        return value, ObjectId(value)
    return (value,)


def replacement(document: Mapping[str, Any], path: str, missing: set[Any], new: Any) -> dict[str, dict[str, Any]]:
    """Return the update that puts ``new`` in the place of the ``missing`` ids at ``path``.

    ``new`` of ``None`` takes them out: items leave their list, fields are unset.
    """
    found = [place for place in places(document, path) if place.value in missing]
    if new is not None:
        return {"$set": {place.location: new for place in found}}
    update: dict[str, dict[str, Any]] = {}
    for place in found:
        if place.list_location is None:
            update.setdefault("$unset", {})[place.location] = ""
        else:
            update.setdefault("$pull", {})[place.list_location] = {"$in": sorted(missing, key=repr)}
    return update
