"""Minutes as bits: an hour is 60 of them in a document, a month is one number of 43,200.

What happened in each minute is then a few operations on whole numbers, however long the window.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def hour_of(moment: datetime) -> datetime:
    """Return the start of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def minute_of(moment: datetime) -> datetime:
    """Return the start of the minute."""
    return moment.replace(second=0, microsecond=0)


def all_of(minutes: int) -> int:
    """Return a mask of so many minutes."""
    return (1 << minutes) - 1


def placed(hours: Iterable[tuple[datetime, int]], start: datetime, minutes: int) -> int:
    """Return the masks of ``hours`` as one mask of the window that begins ``start``, cut to it."""
    mask = 0
    for hour, bits in hours:
        offset = (hour - start) // MINUTE
        mask |= bits << offset if offset >= 0 else bits >> -offset
    return mask & all_of(minutes)


def between(begin: datetime, end: datetime, start: datetime, minutes: int) -> int:
    """Return the minutes from ``begin`` to ``end`` as a mask of the window that begins ``start``."""
    first = max(0, (begin - start) // MINUTE)
    last = min(minutes, -((start - end) // MINUTE))
    return all_of(last) & ~all_of(first) if last > first else 0


def held(mask: int, known: int, minutes: int) -> int:
    """Let each bit of ``mask`` stand for the ``minutes - 1`` after it, too, as far as nothing else is ``known``."""
    for _ in range(minutes - 1):
        mask |= (mask << 1) & ~known
    return mask


def runs(mask: int) -> Iterable[tuple[int, int]]:
    """Yield ``(first, end)`` of each unbroken run of set bits, in order."""
    offset = 0
    while mask:
        skipped = (mask & -mask).bit_length() - 1
        mask >>= skipped
        length = (~mask & (mask + 1)).bit_length() - 1
        yield offset + skipped, offset + skipped + length
        mask >>= length
        offset += skipped + length
