"""Growth and what is old enough to be archived, as the daily samples have it; nothing is measured for the page."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.tables import Column, Table, number, word
from mixillo.core import clock
from mixillo.ops import growth
from mixillo.ops.archive import DAYS
from mixillo.ops.growth import Growth

Row = dict[str, Any]
CHANGED, ALL = "changed", "all"
WEEK, AHEAD, LOOKED_BACK = 7, 30, 30
UNKNOWN = "—"


@dataclass(frozen=True)
class Grown:
    """How the collections have grown: those that were chosen, and the sums of all of them.

    The sums are ``None`` while there are no two samples a day apart; ``at`` is the time of the newest sample,
    ``since`` that of the oldest.
    """

    at: datetime
    since: datetime
    chosen: str
    shown: Sequence[Growth]
    changed: int
    everything: int
    size_bytes: int
    documents_per_day: float | None
    bytes_per_day: float | None

    @property
    def projected_bytes(self) -> float:
        """The size in ``AHEAD`` days, if it goes on like this."""
        return max(0.0, self.size_bytes + AHEAD * (self.bytes_per_day or 0.0))

    @property
    def observed(self) -> timedelta:
        """How long the collections have been observed."""
        return self.at - self.since


@dataclass(frozen=True)
class Archivable:
    """What is older than ``DAYS`` days, by collection, as of ``at``."""

    at: datetime
    rows: Sequence[Row]

    @property
    def documents(self) -> int:
        """All of it."""
        return sum(row["documents"] for row in self.rows)

    @property
    def size_bytes(self) -> int:
        """All of it, estimated."""
        return sum(row["sizeBytes"] for row in self.rows)


def grown(ops: Database, parameters: Mapping[str, str]) -> Grown | None:
    """Return the growth that the URL asks for by ``growth``, ``None`` before the first sample."""
    rows = growth.growth(ops, LOOKED_BACK)
    if not rows:
        return None
    changed = [row for row in rows if row.documents_per_day or row.bytes_per_day]
    chosen = ALL if parameters.get("growth") == ALL else CHANGED
    total = growth.total(rows)
    return Grown(
        at=rows[0].until,
        since=min(row.since for row in rows),
        chosen=chosen,
        shown=rows if chosen == ALL else changed,
        changed=len(changed),
        everything=len(rows),
        size_bytes=sum(row.size_bytes for row in rows),
        documents_per_day=total[0] if total else None,
        bytes_per_day=total[1] if total else None,
    )


def archivable(ops: Database) -> Archivable | None:
    """Return what may be archived, ``None`` before the first sample."""
    sample = growth.latest(ops)
    if sample is None:
        return None
    rows = [row | {"command": command(row["collection"])} for row in sample["archivable"]]
    return Archivable(sample["takenAt"], rows)


def command(*collections: str) -> str:
    """Return the command that shows what would leave ``collections``; without its last word it is done."""
    chosen = " ".join(f"--collection {shlex.quote(name)}" for name in collections)
    return f"mixillo db archive --older-than {DAYS} {chosen} --to archive --dry-run"


def growth_table(rows: Sequence[Growth], parameters: Mapping[str, str]) -> Table:
    """Return the collections as the request wants them, the fastest growing first unless it says."""
    return Table.of("growth", GROWTH, rows, order="-bytesPerDay", parameters=parameters)


def archive_table(rows: Sequence[Row], parameters: Mapping[str, str]) -> Table:
    """Return what may be archived as the request wants it, the most first unless it says."""
    return Table.of("archive", ARCHIVE, rows, order="-sizeBytes", parameters=parameters)


def signed(amount: float) -> str:
    """Return an amount with its sign, with a tenth where that matters: ``+3.5``, ``−12``, ``0``."""
    digits = f"{abs(amount):,.0f}" if abs(amount) >= 10 or not round(amount, 1) % 1 else f"{abs(amount):,.1f}"
    return digits if not float(digits.replace(",", "")) else f"{'+' if amount > 0 else '−'}{digits}"


def _rate(key: str, title: str, value: Callable[[Growth], float | None], unit: int = 1, hint: str = "") -> Column:
    def text(row: Growth) -> str:
        found = value(row)
        return UNKNOWN if found is None else signed(found / unit)

    return Column(key, title, value, text, hint=hint)


def _weekly(amount: float | None) -> float | None:
    return None if amount is None else WEEK * amount


GROWTH = (
    word("collection", "Collection", lambda row: row.collection),
    number("documents", "Documents", lambda row: row.documents),
    _rate("documentsPerDay", "A day", lambda row: row.documents_per_day, hint="Documents a day"),
    _rate("documentsPerWeek", "A week", lambda row: _weekly(row.documents_per_day), hint="Documents a week"),
    Column("sizeBytes", "Size (KB)", lambda row: row.size_bytes, lambda row: formats.kilobytes(row.size_bytes)),
    _rate("bytesPerDay", "KB a day", lambda row: row.bytes_per_day, 1024),
    _rate("bytesPerWeek", "KB a week", lambda row: _weekly(row.bytes_per_day), 1024),
    Column(
        "projectedBytes", f"In {AHEAD} days (KB)", lambda row: row.projected_bytes(AHEAD),
        lambda row: UNKNOWN if (found := row.projected_bytes(AHEAD)) is None else formats.kilobytes(found),
        hint="If it goes on as it did",
    ),
    Column(
        "since", "Observed for", lambda row: (row.until - row.since).total_seconds(),
        lambda row: formats.duration(row.until - row.since) if row.bytes_per_day is not None else "insufficient data",
        cell=lambda row: clock.timestamp(row.since),
    ),
)  # fmt: skip
ARCHIVE = (
    word("collection", "Collection", lambda row: row["collection"]),
    number("documents", f"Older than {DAYS} days", lambda row: row["documents"]),
    Column(
        "sizeBytes", "About (KB)", lambda row: row["sizeBytes"], lambda row: formats.kilobytes(row["sizeBytes"]),
        hint="By the mean size of a document",
    ),
    Column(
        "oldest", "Oldest", lambda row: row["oldest"], lambda row: f"{row['oldest']:%-d %b %Y}", numeric=False,
        cell=lambda row: clock.timestamp(row["oldest"]),
    ),
    word("field", "By", lambda row: row["field"], "The field that says when it happened"),
    Column(
        "command", "What to type", lambda row: row["command"],
        lambda row: Markup("<code>{}</code>").format(row["command"]), numeric=False,
        hint="It only counts; without --dry-run it moves them into files, and mixillo db unarchive brings them back",
    ),
)  # fmt: skip
