"""Which variant of a product is meant: clients name it by id, by name and value, or by values alone."""

from typing import Any

from mixillo.blueprints.products.queries.availability import available
from mixillo.errors import ValidationFailed

Document = dict[str, Any]


class NoSuchVariant(ValidationFailed):
    """The product has no such variant, or it is not clear which is meant."""

    title = "There is no such variant"


def meant(product: Document, wanted: Document | None) -> Document | None:
    """Return the variant of ``product`` that is ``wanted``; ``None`` where it has none and none is wanted.

    Nothing wanted is the first variant of which there is any. ``wanted`` may hold ``_id``, ``name`` and ``value``, or
    values under other names, such as ``size`` and ``color``.

    :raises NoSuchVariant: none is like that, or several are.
    """
    variants: list[Document] = product.get("variants") or []
    asked = {name: value for name, value in (wanted or {}).items() if value not in (None, "")}
    if not asked:
        there = (each for each in variants if available(product, each.get("_id")) != 0)
        return next(there, variants[0] if variants else None)
    found = [each for each in variants if _is_like(each, asked)]
    if len(found) != 1:
        raise NoSuchVariant.of("variant", "There is no such variant." if not found else "Several are like that.")
    return found[0]


def is_same(one: Document | None, other: Document | None) -> bool:
    """Return whether two variants of a product are the same one; those of old carts have no id."""
    if one is None or other is None:
        return one is other
    if one.get("_id") and other.get("_id"):
        return bool(one["_id"] == other["_id"])
    return all(_same(one.get(name), other.get(name, "")) for name in ("name", "value"))


def kept(variant: Document | None) -> Document | None:
    """Return what a cart keeps of a variant to find it again."""
    return variant and {name: variant[name] for name in ("_id", "name", "value") if name in variant}


def named(variant: Document | None) -> Document | None:
    """Return a variant as orders keep it."""
    return variant and {"name": variant.get("name") or "", "value": variant.get("value") or ""}


def _is_like(variant: Document, asked: Document) -> bool:
    if "_id" in asked and variant.get("_id") is not None:
        return str(variant["_id"]) == str(asked["_id"])
    if "value" in asked:
        return _same(variant.get("value"), asked["value"]) and _same(variant.get("name"), asked.get("name", ...))
    return any(_same(variant.get("value"), value) for value in asked.values())


def _same(text: Any, other: Any) -> bool:
    return other is ... or str(text or "").casefold() == str(other).casefold()
