"""The hour that these tests look at."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 3, 4, 12, 0, 20, tzinfo=UTC)
# The window of one hour that ends with the last settled minute.
START = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    """Return a moment in the given minute of the window of one hour."""
    return START + timedelta(minutes=minute, seconds=10)
