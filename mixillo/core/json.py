"""JSON in and out: strict on the way in, fast on the way out."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from bson import Decimal128, ObjectId
from flask.json.provider import JSONProvider

from mixillo.core import clock

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1  # what a JavaScript client can hold exactly
OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def dumps(value: Any) -> bytes:
    """Return ``value`` as JSON; ids become strings, moments ISO 8601 in UTC with milliseconds."""
    return orjson.dumps(value, default=_encode, option=OPTIONS)


def loads(raw: bytes) -> Any:
    """Parse ``raw`` strictly.

    :raises ValueError: malformed or not UTF-8; NaN or Infinity; a lone surrogate; a key that is repeated
        or holds NUL; a number no client can hold exactly; nesting deeper than ``MAX_DEPTH``.
    """
    orjson.loads(raw)  # refuses bad UTF-8, surrogates, NaN and Infinity, which the parser below lets through
    try:
        value = json.loads(raw, object_pairs_hook=_object, parse_int=_integer)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _check_depth(value)
    return value


def _encode(value: Any) -> Any:
    if isinstance(value, ObjectId):
        return str(value)
    if isinstance(value, datetime):
        return clock.timestamp(value)
    if isinstance(value, Decimal128):
        return float(value.to_decimal())
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is repeated")
    if any("\0" in key for key in value):
        raise ValueError("a key holds a NUL character")
    return value


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise ValueError("a number is too large")
    return int(text)


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise ValueError("nested too deeply")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


class OrjsonProvider(JSONProvider):
    """Flask's JSON, by orjson."""

    def dumps(self, obj: Any, **_keywords: Any) -> str:
        """Serialise ``obj``; formatting options are ignored."""
        return dumps(obj).decode()

    def loads(self, s: str | bytes, **_keywords: Any) -> Any:
        """Parse ``s`` strictly."""
        return loads(s.encode() if isinstance(s, str) else s)
