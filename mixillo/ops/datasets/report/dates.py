"""The days the report looked at; everything in the dataset is dated from them."""

from datetime import UTC, datetime, timedelta

LAST_DAY = datetime(2025, 11, 14, tzinfo=UTC)
LAUNCH = LAST_DAY - timedelta(days=45)


def day(offset: int) -> datetime:
    """Return midnight (UTC) of the day ``offset`` days after the report's; -1 is the day before."""
    return LAST_DAY + timedelta(days=offset)
