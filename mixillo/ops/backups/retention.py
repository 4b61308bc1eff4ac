"""Which backups to keep: the newest of each of the last days, weeks and months that have one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Kept(Protocol):
    """What the policy needs to know of a backup."""

    @property
    def name(self) -> str:
        """Tells it from the others."""

    @property
    def created_at(self) -> datetime:
        """When it was made."""

    @property
    def verified(self) -> bool | None:
        """What came of verifying it, ``None`` if that was not done."""


@dataclass(frozen=True)
class Policy:
    """How many days, weeks and months keep their newest backup."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 12

    def keep(self, backups: Iterable[Kept]) -> set[str]:
        """Return the names to keep; the newest one and the newest verified one are always among them."""
        newest_first = sorted(backups, key=lambda backup: (backup.created_at, backup.name), reverse=True)
        kept = {backup.name for backup in newest_first[:1]}
        kept |= {backup.name for backup in [found for found in newest_first if found.verified][:1]}
        for count, period in ((self.daily, _day), (self.weekly, _week), (self.monthly, _month)):
            kept |= _newest_of_each(newest_first, period, count)
        return kept


def _newest_of_each(newest_first: list[Kept], period: Callable[[datetime], Any], count: int) -> set[str]:
    newest: dict[Any, str] = {}
    for backup in newest_first:
        newest.setdefault(period(backup.created_at), backup.name)
    return set(list(newest.values())[:count])


def _day(moment: datetime) -> Any:
    return moment.date()


def _week(moment: datetime) -> Any:
    return moment.isocalendar()[:2]


def _month(moment: datetime) -> Any:
    return moment.year, moment.month
