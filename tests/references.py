"""Walking through documents to find the ids in them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bson import ObjectId


def values(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every scalar in ``document`` with its dotted path; items of a list share the path of the list."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from values(value, f"{path}.{key}".lstrip("."))
    elif isinstance(document, list):
        for value in document:
            yield from values(value, path)
    else:
        yield path, document


def own_ids(document: dict[str, Any]) -> set[ObjectId]:
    """Return the ids that ``document`` and its subdocuments carry themselves."""
    return {value for path, value in values(document) if path.split(".")[-1] == "_id"}


def references(document: dict[str, Any]) -> Iterator[tuple[str, ObjectId]]:
    """Yield the ids in ``document`` that name another document, each with its path."""
    for path, value in values(document):
        if isinstance(value, ObjectId) and path.split(".")[-1] != "_id":
            yield path, value


def dates(document: dict[str, Any]) -> Iterator[tuple[str, datetime]]:
    """Yield the times in ``document``, each with its path."""
    return ((path, value) for path, value in values(document) if isinstance(value, datetime))
