"""An event, and the last of them in bounded memory."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mixillo.core import clock

AUDIT, JOB, ALERT, REVISION, DATABASE, SOCKET, STREAM = (
    "audit", "job", "alert", "revision", "database", "socket", "stream",
)  # fmt: skip
# What there is to filter by; ``stream`` is what the stream says of itself.
KINDS = (AUDIT, JOB, ALERT, REVISION, DATABASE, SOCKET, STREAM)
KEPT = 200


@dataclass(frozen=True)
class Event:
    """Something that happened; ``id`` is the same wherever it is heard of, ``name`` says what, in a word or two.

    ``summary`` holds counts, states and ids: no content of documents, and of people no more than their id, except
    operators, who go by their username as in the audit log.
    """

    id: str
    at: datetime
    kind: str
    name: str
    summary: str

    def as_dict(self) -> dict[str, Any]:
        """Return the message that pages are sent."""
        return {
            "id": self.id,
            "at": clock.timestamp(self.at),
            "kind": self.kind,
            "name": self.name,
            "summary": self.summary,
        }


class Ring:
    """The last ``size`` events of this process."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._events: OrderedDict[str, Event] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, event: Event) -> bool:
        """Keep ``event``, forget the oldest; return whether it was not known yet."""
        with self._lock:
            if event.id in self._events:
                return False
            self._events[event.id] = event
            if len(self._events) > self._size:
                self._events.popitem(last=False)
            return True

    def events(self) -> list[Event]:
        """Return what is kept, in the order it came."""
        with self._lock:
            return list(self._events.values())


def merged(*sources: Iterable[Event], limit: int = KEPT) -> list[Event]:
    """Return the newest of all ``sources``, each event once, the newest first."""
    by_id = {event.id: event for source in sources for event in source}
    return sorted(by_id.values(), key=lambda event: (event.at, event.id), reverse=True)[:limit]
