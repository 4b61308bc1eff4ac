"""The one source of the present moment and of unguessable values."""

import secrets
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment: aware, UTC, truncated to the milliseconds that MongoDB keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def timestamp(moment: datetime) -> str:
    """Return ``moment`` as the API writes it: ISO 8601, UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def random_token(entropy_bytes: int = 32) -> str:
    """Return an unguessable URL-safe token."""
    return secrets.token_urlsafe(entropy_bytes)
