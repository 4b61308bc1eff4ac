"""The kinds of rooms: who may be in them, and who wants to know how many are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from mixillo.core.security import Viewer

# may_enter(viewer, id): raises an AppError where somebody may not.
MayEnter = Callable[[Viewer, ObjectId], Any]
# counted(id, people): the different people in a room now, on all instances; asked of each instance that has some.
Counted = Callable[[ObjectId, set[ObjectId]], None]


@dataclass(frozen=True)
class Kind:
    """A kind of rooms, which are named ``{kind}_{id}``."""

    may_enter: MayEnter
    counted: Counted | None = None


_kinds: dict[str, Kind] = {}


def declare(kind: str, may_enter: MayEnter, *, counted: Counted | None = None) -> None:
    """Say who may be in the rooms ``{kind}_{id}``, and whom to tell every two seconds who is."""
    _kinds[kind] = Kind(may_enter, counted)


def parsed(room: str) -> tuple[Kind, ObjectId] | None:
    """Return the kind of a room and the id of what it belongs to; ``None`` where it is no such room."""
    name, _, thing = room.rpartition("_")
    return (_kinds[name], ObjectId(thing)) if name in _kinds and ObjectId.is_valid(thing) else None


def of(name: str) -> Kind:
    """Return the kind of that name."""
    return _kinds[name]
