"""How the report writes figures and moments: plain text, the same in every format."""

from datetime import datetime, timedelta

INSUFFICIENT = "insufficient data"


def count(number: float) -> str:
    """Return a whole number with separators: ``1,193``."""
    return f"{number:,.0f}"


def plural(number: int, noun: str) -> str:
    """Return ``1 document``, ``1,193 documents``, ``2 queries``, ``3 indexes``."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith("query"):
        return f"{number:,} {noun[:-1]}ies"
    return f"{number:,} {noun}es" if noun.endswith(("x", "ss")) else f"{number:,} {noun}s"


def kilobytes(size: float) -> str:
    """Return bytes as the stabilization report states them: whole KB of 1,024 bytes."""
    return f"{size / 1024:,.0f}"


def megabytes(size: float) -> str:
    """Return bytes as MiB: ``512 MiB``."""
    return f"{size / 1024**2:,.0f} MiB"


def percent(share: float | None, otherwise: str = INSUFFICIENT) -> str:
    """Return a share of 1 as ``38.89 %``."""
    return otherwise if share is None else f"{share * 100:.2f} %"


def milliseconds(number: float | None) -> str:
    """Return milliseconds with as many digits as they deserve."""
    if number is None:
        return INSUFFICIENT
    return f"{number:.1f} ms" if number < 10 else f"{number:,.0f} ms"


def moment(when: datetime | None, otherwise: str = "never") -> str:
    """Return a moment to the minute, in UTC."""
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else otherwise


def length(span: timedelta) -> str:
    """Return a span in the largest unit that leaves a whole number above one: ``36 h``, ``7 d``."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} d"
