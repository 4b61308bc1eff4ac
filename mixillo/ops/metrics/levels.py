"""The four resolutions that counts are stored in, and which documents make up a window.

A document has ``series``, ``revision``, ``at`` (the start of its period), ``counts`` (cell → requests, only what is
not 0) and ``ms`` (the sum of the latencies). A cell is a status class and a bucket in three digits: ``207`` has the
2xx of the bucket 7; one flat object is the form that is read fastest. A series is a route (``GET /api/users``), a
group (``group:feed``) or ``all``: the last two are what an overview reads, so that it need not add up 200 routes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALL = "all"


@dataclass(frozen=True)
class Level:
    """One resolution: its collection, the length of its periods and how long its documents are kept."""

    collection: str
    step: timedelta
    kept: timedelta

    def floor(self, moment: datetime) -> datetime:
        """Return the start of the period that ``moment`` belongs to."""
        return floor(moment, self.step)


LEVELS = (
    Level("metrics1m", timedelta(minutes=1), timedelta(hours=48)),
    Level("metrics10m", timedelta(minutes=10), timedelta(days=8)),
    Level("metrics1h", timedelta(hours=1), timedelta(days=35)),
    Level("metrics1d", timedelta(days=1), timedelta(days=400)),
)
MINUTES, TENS, HOURS, DAYS = LEVELS


@dataclass(frozen=True)
class Period:
    """A window that pages offer: its length, the level it is read from and the width of a chart's points."""

    name: str
    length: timedelta
    level: Level
    point: timedelta


PERIODS = {
    period.name: period
    for period in (
        Period("1h", timedelta(hours=1), MINUTES, timedelta(minutes=1)),
        Period("24h", timedelta(hours=24), TENS, timedelta(minutes=20)),
        Period("7d", timedelta(days=7), HOURS, timedelta(hours=2)),
        Period("30d", timedelta(days=30), HOURS, timedelta(hours=8)),
    )
}


@dataclass(frozen=True)
class Window:
    """From ``start`` up to, but not including, ``end``; without an ``end`` it reaches up to now."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class Span:
    """The documents of one level that start from ``start`` up to, but not including, ``end``."""

    level: Level
    start: datetime
    end: datetime | None


def cell_of(status_class: int, bucket: int) -> str:
    """Return the name under which the requests of a status class in a bucket are stored."""
    return f"{status_class}{bucket:02}"


def class_and_bucket(cell: str) -> tuple[int, int]:
    """Return what :func:`cell_of` put together."""
    return int(cell[0]), int(cell[1:])


def floor(moment: datetime, step: timedelta) -> datetime:
    """Return the last multiple of ``step`` since 1970 (UTC) that is not after ``moment``."""
    return moment - (moment - EPOCH) % step


def window(period: Period, now: datetime | None, present: datetime) -> Window:
    """Return the window of ``period`` that ends ``now``, or at ``present`` and open when no end is given."""
    return Window(period.level.floor((now or present) - period.length), now)


def cover(wanted: Window, present: datetime) -> list[Span]:
    """Return the fewest documents that make up ``wanted``: days in the middle, finer ones towards its ends.

    The start is rounded down, and the end up, to the finest level that is still kept there. An open end needs
    nothing finer: every level holds all that was counted up to now.
    """
    end = wanted.end or present + DAYS.step
    finest = _kept(wanted.start, present)[0]
    at = finest.floor(wanted.start)
    spans: list[Span] = []
    while at < end:
        level = _widest(at, wanted.end, present)
        if spans and spans[-1].level is level:
            spans[-1] = Span(level, spans[-1].start, at + level.step)
        else:
            spans.append(Span(level, at, at + level.step))
        at += level.step
    return spans


def _kept(at: datetime, present: datetime) -> list[Level]:
    return [level for level in LEVELS if level.floor(at) > present - level.kept] or [DAYS]


def _widest(at: datetime, end: datetime | None, present: datetime) -> Level:
    """Return the widest level with a period that starts ``at`` and does not reach beyond ``end``."""
    fitting = [level for level in LEVELS if level.floor(at) == at and (end is None or at + level.step <= end)]
    kept = _kept(at, present)
    both = [level for level in fitting if level in kept]
    if both:
        return both[-1]
    return next(level for level in kept if level.floor(at) == at)
