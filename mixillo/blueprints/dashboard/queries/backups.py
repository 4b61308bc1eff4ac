"""The Backups page: the newest, whether it is fresh, whether one was restored lately, and all that were tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.statuses import status
from mixillo.blueprints.dashboard.tables import Column, Table, word
from mixillo.core import clock
from mixillo.ops import backups
from mixillo.ops.alerts import rules
from mixillo.ops.backups import records
from mixillo.ops.backups.records import Record

SHOWN = 200
NOTHING = "–"
VERDICTS = {None: "never", True: "good", False: "not good"}
LOOKS = {
    records.DONE: "ok", records.RUNNING: "running", records.FAILED: "down", records.INTERRUPTED: "down",
    "never": "neutral", "good": "ok", "not good": "down",
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """The newest backup and the newest proof that one restores, with the ages that the alerts allow."""

    newest: Record | None
    verified: Record | None
    longest_age: timedelta
    longest_unverified: timedelta

    @property
    def age(self) -> timedelta | None:
        """How old the newest backup is: that of the moment it shows."""
        return clock.now() - self.newest["snapshotAt"] if self.newest else None

    @property
    def is_fresh(self) -> bool:
        """Whether the newest backup is young enough."""
        return self.age is not None and self.age <= self.longest_age

    @property
    def is_proven(self) -> bool:
        """Whether one was restored lately enough."""
        return self.verified is not None and clock.now() - self.verified["verifiedAt"] <= self.longest_unverified


def standing(ops: Database) -> Standing:
    """Return how the backups stand, from their records."""
    limits = {rule.id: timedelta(hours=rule.threshold) for rule in rules.effective(ops)}
    return Standing(
        newest=backups.latest(ops),
        verified=records.latest_verified(ops),
        longest_age=limits["backup-stale"],
        longest_unverified=limits["backup-unverified"],
    )


def history(ops: Database) -> list[Record]:
    """Return what was tried, the newest first."""
    return backups.history(ops, SHOWN)


def kept(found: Sequence[Record]) -> list[Record]:
    """Return those that can be verified and restored."""
    return [record for record in found if record["state"] == records.DONE and record["removedAt"] is None]


def table(found: Sequence[Record], parameters: Mapping[str, str]) -> Table:
    """Return the records as the request wants them, the newest first unless it says."""
    return Table.of("backups", COLUMNS, found, order="-startedAt", parameters=parameters)


def _stamp(when: datetime | None) -> str | None:
    return clock.timestamp(when) if when else None


def _moment(when: datetime | None) -> str:
    return formats.moment(when) if when else NOTHING


def _marked(state: str) -> str:
    return status(LOOKS[state], state)


def _verdict(record: Record) -> str:
    return VERDICTS[record.get("verified")]


def _trouble(record: Record) -> str:
    removed = record.get("removedAt")
    notes = (record.get("error"), record.get("verificationError"), f"removed {removed:%-d %b %Y}" if removed else None)
    return "; ".join(note for note in notes if note)


def _figure(key: str, title: str, text: Any) -> Column:
    return Column(
        key, title, lambda record: record.get(key),
        lambda record: NOTHING if record.get(key) is None else text(record[key]),
    )  # fmt: skip


COLUMNS = (
    word("name", "Backup", lambda record: record["name"]),
    Column("state", "State", lambda record: record["state"], lambda record: _marked(record["state"]), numeric=False),
    Column(
        "startedAt", "Started", lambda record: _stamp(record["startedAt"]),
        lambda record: _moment(record["startedAt"]), numeric=False,
    ),
    _figure("size", "Size", formats.size),
    _figure("documents", "Documents", formats.count),
    _figure("seconds", "Took", formats.duration),
    Column("verified", "Verified", _verdict, lambda record: _marked(_verdict(record)), numeric=False),
    Column(
        "verifiedAt", "Verified at", lambda record: _stamp(record.get("verifiedAt")),
        lambda record: _moment(record.get("verifiedAt")), numeric=False,
    ),
    word("location", "Where", lambda record: record["location"]),
    word("trouble", "Notes", _trouble),
)  # fmt: skip
