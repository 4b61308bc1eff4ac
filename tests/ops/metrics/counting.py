"""Minutes of requests that are counted and stored, and a clock that stands."""

from datetime import UTC, datetime, timedelta

from pymongo.database import Database

from mixillo.ops.metrics import storing
from mixillo.ops.metrics.recording import Minute, Recorder
from mixillo.ops.metrics.storing import Instance

NOON = datetime(2026, 3, 4, 12, 0, 30, tzinfo=UTC)
ONE = Instance("one", "r1", NOON)
TWO = Instance("two", "r1", NOON)


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


def minute_of(*requests: tuple[str, str, int, float]) -> Minute:
    """Return one minute's counts of ``(rule, method, status, milliseconds)``."""
    recorder = Recorder()
    for rule, method, status, milliseconds in requests:
        recorder.count(rule, method, status, milliseconds)
    taken = recorder.take()
    assert taken is not None
    return taken


def store_all(ops: Database, recorder: Recorder, instance: Instance = ONE, first: int = 1) -> int:
    number = first
    while minute := recorder.take():
        storing.store(ops, instance, number, minute)
        number += 1
    return number
