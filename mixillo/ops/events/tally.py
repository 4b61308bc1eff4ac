"""Counting what comes in floods: changes of the owner's collections, and emits to clients."""

import itertools
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from mixillo.core import clock
from mixillo.ops.events.model import DATABASE, SOCKET, Event
from mixillo.ops.watching import Change

# Nothing but the collection, what was done and to which id crosses the wire.
PIPELINE = ({"$project": {"operationType": 1, "ns": 1, "documentKey._id": 1}},)
WORDS = {"insert": "inserted", "update": "updated", "replace": "replaced", "delete": "deleted", "drop": "dropped"}
# More different names than this between two takings are counted together.
MOST_NAMES = 40
OTHERS = "others"
_process = clock.random_token(6)
_numbers = itertools.count(1)


@dataclass
class _Counted:
    """What happened under one name: how often what, and to whom if it was one."""

    what: Counter[str] = field(default_factory=Counter)
    whom: set[str] = field(default_factory=set)

    def add(self, what: str, whom: str) -> None:
        self.what[what] += 1
        if len(self.whom) < 2:
            self.whom.add(whom)

    @property
    def one(self) -> str:
        """The one that it happened to, if it was one."""
        return next(iter(self.whom)) if len(self.whom) == 1 else ""


class Tally:
    """What happened since it was last asked, in bounded memory whatever comes in."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, str], _Counted] = {}
        self._lock = threading.Lock()

    def note_change(self, change: Change) -> None:
        """Count a change of one of the owner's collections."""
        key = change.get("documentKey", {}).get("_id")
        whom = str(key) if isinstance(key, ObjectId) else ""
        word = WORDS.get(change["operationType"], change["operationType"])
        self._note(DATABASE, change.get("ns", {}).get("coll", "all"), str(word), whom)

    def note_emit(self, event: str, room: str) -> None:
        """Count an emit to the clients in ``room``."""
        self._note(SOCKET, event, "sent", room)

    def take(self) -> list[Event]:
        """Return one event for each name, and begin anew."""
        with self._lock:
            counted, self._counted = self._counted, {}
        now = clock.now()
        return [
            Event(f"{_process}-{next(_numbers)}", now, kind, name, _summary(found))
            for (kind, name), found in sorted(counted.items())
        ]

    def _note(self, kind: str, name: str, what: str, whom: str) -> None:
        with self._lock:
            key = (kind, name)
            if key not in self._counted and len(self._counted) >= MOST_NAMES:
                key = (kind, OTHERS)
            self._counted.setdefault(key, _Counted()).add(what, whom)


def _summary(found: _Counted) -> str:
    counts: Any = ", ".join(f"{count:,} {what}" for what, count in found.what.most_common())
    return f"{counts}: {found.one}" if found.one else counts
