"""Listening to the driver: commands that took too long are remembered by their shape, in memory, in microseconds.

The listener itself never talks to the database: it runs inside the driver.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import has_request_context, request
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from mixillo.core import clock
from mixillo.core.db import OURS
from mixillo.ops.metrics.histograms import bucket_of
from mixillo.ops.slow_queries.shapes import READERS, Shape, shape_of

THRESHOLD_MS = 100
# Shapes in memory until they are stored, and commands in flight: bounds, should the database not answer.
MAX_SHAPES = 200
MAX_IN_FLIGHT = 2_000
MAX_ROUTES = 10
TECHNICAL = "_ops"


@dataclass
class Seen:
    """What was seen of one shape since it was last stored."""

    shape: Shape
    count: int = 0
    total_ms: float = 0.0
    max_ms: float = 0.0
    buckets: Counter[int] = field(default_factory=Counter)
    first_at: datetime = field(default_factory=clock.now)
    last_at: datetime = field(default_factory=clock.now)
    routes: set[str] = field(default_factory=set)

    def add(self, milliseconds: float, route: str) -> None:
        """Count one command."""
        self.count += 1
        self.total_ms += milliseconds
        self.max_ms = max(self.max_ms, milliseconds)
        self.buckets[bucket_of(milliseconds)] += 1
        self.last_at = clock.now()
        if len(self.routes) < MAX_ROUTES:
            self.routes.add(route)


class SlowQueries(CommandListener):
    """Remembers the shapes of commands slower than ``threshold_ms``; give it to the driver's client.

    The technical database is left out: its queries are ours, and watching them would add to them.
    """

    def __init__(self, threshold_ms: int = THRESHOLD_MS) -> None:
        self.threshold_ms = threshold_ms
        self._in_flight: dict[int, Mapping[str, Any]] = {}
        self._seen: dict[Shape, Seen] = {}
        self._lock = threading.Lock()

    def started(self, event: CommandStartedEvent) -> None:
        """Keep the command until its end."""
        if event.command_name in READERS and event.command.get("comment") != OURS:
            if len(self._in_flight) >= MAX_IN_FLIGHT:  # ends that never came, because their greenlets were killed
                self._in_flight.clear()
            self._in_flight[event.request_id] = event.command

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Look at the command if it was slow."""
        command = self._in_flight.pop(event.request_id, None)
        if command is not None and event.duration_micros >= self.threshold_ms * 1000:
            self._note(event, command)

    def failed(self, event: CommandFailedEvent) -> None:
        """Look at the command if it was slow: one that ran into its time limit is the slowest of all."""
        command = self._in_flight.pop(event.request_id, None)
        if command is not None and event.duration_micros >= self.threshold_ms * 1000:
            self._note(event, command)

    def take(self) -> list[Seen]:
        """Return what was seen, and forget it."""
        with self._lock:
            seen, self._seen = self._seen, {}
        return list(seen.values())

    def give_back(self, seen: list[Seen]) -> None:
        """Remember again what could not be stored, unless there is something newer of the same shape."""
        with self._lock:
            for each in seen:
                if len(self._seen) < MAX_SHAPES:
                    self._seen.setdefault(each.shape, each)

    @property
    def waiting(self) -> int:
        """How many shapes are to be stored."""
        return len(self._seen)

    def _note(self, event: CommandSucceededEvent | CommandFailedEvent, command: Mapping[str, Any]) -> None:
        if event.database_name.endswith(TECHNICAL) or event.database_name in ("admin", "local", "config"):
            return
        shape = shape_of(event.command_name, command)
        if shape is None:
            return
        with self._lock:
            if shape not in self._seen and len(self._seen) >= MAX_SHAPES:
                return
            self._seen.setdefault(shape, Seen(shape)).add(event.duration_micros / 1000, _route())


def _route() -> str:
    """Return which of our routes is being answered."""
    if not has_request_context():
        return "outside of requests"
    return f"{request.method} {request.url_rule.rule if request.url_rule else '(no route)'}"
