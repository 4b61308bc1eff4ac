"""How figures and moments are written on the pages."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from mixillo.core import clock

# Steps of 1,024, as in the stabilization report.
UNITS = ("bytes", "KB", "MB", "GB", "TB")
NO_FLAG, AGO = Markup(), Markup(" data-ago")
GAP = "\u00a0"  # a figure is not parted from its unit
STEPS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def count(number: float) -> str:
    """Return a whole number with separators: ``1,193``."""
    return f"{number:,.0f}"


def kilobytes(size: float) -> str:
    """Return bytes as the stabilization report states them: whole KB of 1,024 bytes."""
    return f"{round(size / 1024):,}"


def size(number: float) -> str:
    """Return bytes in the unit that leaves up to three digits: ``512 MB``."""
    unit = 0
    while number >= 1024 and unit < len(UNITS) - 1:
        number, unit = number / 1024, unit + 1
    return f"{number:.0f}{GAP}{UNITS[unit]}" if unit == 0 or number >= 10 else f"{number:.1f}{GAP}{UNITS[unit]}"


def plural(number: int, noun: str) -> str:
    """Return ``1 client``, ``2 clients``."""
    return f"{number:,}{GAP}{noun}" if number == 1 else f"{number:,}{GAP}{noun}s"


def percent(share: float) -> str:
    """Return a share of 1 in percent: ``31 %``."""
    return f"{share * 100:.0f}{GAP}%" if share >= 0.1 or share == 0 else f"{share * 100:.1f}{GAP}%"


def pass_rate(found: Mapping[str, Any]) -> str:
    """Return ``{passing, judged, rate}`` as the stabilization report states it: ``7/18, 38.89 %``."""
    rate = "nothing judged" if found["rate"] is None else f"{found['rate']:.2f}{GAP}%"
    return f"{found['passing']}/{found['judged']}, {rate}"


def milliseconds(number: float) -> str:
    """Return milliseconds with as many digits as they deserve."""
    return f"{number:.1f}{GAP}ms" if number < 10 else f"{number:.0f}{GAP}ms"


def duration(span: timedelta | float) -> str:
    """Return a span in its two largest units: ``3 d 4 h``; below ten seconds with a tenth."""
    exact = span.total_seconds() if isinstance(span, timedelta) else span
    if exact < 10 and round(exact, 1) % 1:
        return f"{exact:.1f}{GAP}s"
    seconds = int(exact)
    parts: list[str] = []
    for unit, length in STEPS:
        amount, seconds = divmod(seconds, length)
        if amount or (parts and len(parts) < 2):
            parts.append(f"{amount}{GAP}{unit}")
    return " ".join(part for part in parts[:2] if not part.startswith(f"0{GAP}")) or f"0{GAP}s"


def moment(when: datetime) -> Markup:
    """Return a moment in UTC; the script adds the local time as its title."""
    return _time(when, f"{when:%-d %b %Y, %H:%M:%S} UTC")


def at(when: datetime) -> Markup:
    """Return the time of day in UTC: for what was measured just now."""
    return _time(when, f"{when:%H:%M:%S} UTC")


def ago(when: datetime) -> Markup:
    """Return how long ago a moment was; the script keeps it right, its title is the moment itself."""
    past = clock.now() - when
    seconds = int(past.total_seconds())
    unit, length = next(((unit, length) for unit, length in STEPS if seconds >= length), ("s", 1))
    return _time(when, "just now" if seconds < 5 else f"{seconds // length}{GAP}{unit} ago", AGO)


def _time(when: datetime, text: str, flag: Markup = NO_FLAG) -> Markup:
    return Markup('<time datetime="{}" title="{:%-d %b %Y, %H:%M:%S} UTC"{}>{}</time>').format(
        clock.timestamp(when), when, flag, text
    )


FILTERS: dict[str, Callable[..., str]] = {
    "count": count, "plural": plural, "kb": kilobytes, "size": size, "percent": percent, "ms": milliseconds,
    "pass_rate": pass_rate, "duration": duration, "moment": moment, "at": at, "ago": ago,
}  # fmt: skip
