"""The shape of a command: collection, operation, which fields are compared how, and the order; never a value."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

EQUALITY, RANGE, PREFIX, OTHER = ("eq", "in"), ("range", "prefix"), "prefix", "other"
KINDS = {
    "$eq": "eq", "$in": "in", "$gt": "range", "$gte": "range", "$lt": "range", "$lte": "range", "$ne": "ne",
    "$nin": "ne", "$not": "ne", "$exists": "exists", "$regex": "regex", "$all": "eq", "$elemMatch": "elemMatch",
    "$size": "size", "$type": "type", "$mod": "mod", "$near": "geo", "$nearSphere": "geo", "$geoWithin": "geo",
    "$geoIntersects": "geo",
}  # fmt: skip
# Field names made of data (an id or a number as a key) would make every document a shape of its own.
DATA = re.compile(r"\d+|[0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f-]{27}", re.I)
ANCHORED = re.compile(r"\^[\w -]")
MAX_FIELDS = 12
MAX_NAME = 80

Condition = tuple[str, str]
Order = tuple[str, int]


@dataclass(frozen=True)
class Shape:
    """What slow commands have in common: ``conditions`` are (field, kind), sorted; ``sort`` is (field, ±1)."""

    collection: str
    operation: str
    conditions: tuple[Condition, ...]
    sort: tuple[Order, ...]

    @property
    def id(self) -> str:
        """A short name of the shape, the same in every process."""
        parts = [self.collection, self.operation, self.conditions, self.sort]
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:16]

    @property
    def shown(self) -> str:
        """The shape as people read it: ``find contents {status eq, createdAt range} sort createdAt -1``."""
        conditions = ", ".join(f"{field} {kind}" for field, kind in self.conditions)
        order = "".join(f" {field} {direction}" for field, direction in self.sort)
        return f"{self.operation} {self.collection} {{{conditions}}}" + (f" sort{order}" if order else "")

    def suggestion(self) -> tuple[Order, ...]:
        """Return the keys of the index that would serve best: equality, then the order, then a range.

        Empty when no field helps: negations, unanchored patterns, text, places and alternatives do not.
        """
        equal, order, ranges = self._parts()
        if "_id" in equal:
            return ()
        return (*((field, 1) for field in equal), *order, *((field, 1) for field in ranges))

    def served_by(self, keys: Sequence[tuple[str, Any]]) -> bool:
        """Return whether an index with ``keys`` does what the suggestion does.

        Fields that are compared for equality may come in any order; the rest as it is, or all reversed.
        """
        equal, order, ranges = self._parts()
        first, middle = keys[: len(equal)], tuple(keys[len(equal) : len(equal) + len(order)])
        last = [field for field, _ in keys[len(equal) + len(order) :][: len(ranges)]]
        backwards = tuple((field, -direction) for field, direction in order)
        return {field for field, _ in first} == set(equal) and middle in (order, backwards) and last == ranges

    def _parts(self) -> tuple[list[str], tuple[Order, ...], list[str]]:
        """Return the fields compared for equality, the order of the others, and the first field with a range."""
        equal = list(dict.fromkeys(field for field, kind in self.conditions if kind in EQUALITY))
        order = tuple((field, direction) for field, direction in self.sort if field not in equal)
        taken = {*equal, *(field for field, _ in order)}
        # Behind the first range an index cannot narrow the search any further.
        ranges = [field for field, kind in self.conditions if kind in RANGE and field not in taken]
        return equal, order, ranges[:1]


def shape_of(command_name: str, command: Mapping[str, Any]) -> Shape | None:
    """Return the shape of a database command, ``None`` for one that does not search."""
    reader = READERS.get(command_name)
    if reader is None or not isinstance(command.get(command_name), str):
        return None
    query, sort = reader(command)
    conditions = sorted(dict.fromkeys(_conditions(query)))[:MAX_FIELDS]
    order = [(_name(field), -1 if direction == -1 else 1) for field, direction in (sort or {}).items()]
    return Shape(command[command_name][:MAX_NAME], command_name, tuple(conditions), tuple(order[:MAX_FIELDS]))


def _conditions(query: Any) -> Iterator[Condition]:
    if not isinstance(query, Mapping):
        return
    for field, value in query.items():
        if field == "$and":
            for part in value:
                yield from _conditions(part)
        elif field.startswith("$"):
            yield field, field[1:]
        else:
            for kind in _kinds(value):
                yield _name(field), kind


def _kinds(value: Any) -> Iterator[str]:
    """Yield how a field is compared with ``value``."""
    if isinstance(value, Mapping) and value and all(str(key).startswith("$") for key in value):
        for operator, operand in value.items():
            if operator == "$options":
                continue
            kind = KINDS.get(operator, OTHER)
            yield _pattern(operand, value.get("$options", "")) if kind == "regex" else kind
    elif isinstance(value, re.Pattern) or hasattr(value, "try_compile"):
        yield _pattern(value, "")
    else:
        yield "eq"


def _pattern(value: Any, options: str) -> str:
    """Return ``prefix`` for a pattern that an index can serve: anchored, and case matters."""
    text, flags = getattr(value, "pattern", value), getattr(value, "flags", 0)
    insensitive = "i" in options or bool(flags & re.I)
    return PREFIX if isinstance(text, str) and ANCHORED.match(text) and not insensitive else "regex"


def _name(field: str) -> str:
    return ".".join("*" if DATA.fullmatch(part) else part for part in field[:MAX_NAME].split("."))


def _of_pipeline(command: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what a pipeline filters and sorts by before it does anything else."""
    query: list[Any] = []
    for stage in command.get("pipeline", ()):
        ((name, value),) = stage.items()
        if name == "$sort":
            return {"$and": query}, value
        if name != "$match":
            break
        query.append(value)
    return {"$and": query}, None


def _of_first(statements: str) -> Any:
    def read(command: Mapping[str, Any]) -> tuple[Any, Any]:
        parts = command.get(statements) or [{}]
        return parts[0].get("q"), None

    return read


READERS: dict[str, Any] = {
    "find": lambda command: (command.get("filter"), command.get("sort")),
    "aggregate": _of_pipeline,
    "count": lambda command: (command.get("query"), None),
    "distinct": lambda command: (command.get("query"), None),
    "findAndModify": lambda command: (command.get("query"), command.get("sort")),
    "update": _of_first("updates"),
    "delete": _of_first("deletes"),
}
