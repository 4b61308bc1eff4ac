"""Events that are plainly right, told without the schema, which takes ten times as long.

What is not plainly right is not wrong: the schema decides, and says what is. A test holds the two against each other.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from mixillo.blueprints.analytics.models import DEVICE_TYPES, EVENT_TYPES, RELATED

Check = Callable[[Any], bool]
_EVENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}").fullmatch
_ID = re.compile(r"[0-9a-fA-F]{24}").fullmatch
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}").fullmatch
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-]\d\d:\d\d)").fullmatch
# So much cannot be too large, however it is written down.
MOST_NAMES, LONGEST_VALUE = 16, 100


def _is_named_by(pattern: Callable[[str], Any]) -> Check:
    return lambda value: isinstance(value, str) and pattern(value) is not None


def _is_one_of(names: tuple[str, ...]) -> Check:
    known = frozenset(names)
    return lambda value: isinstance(value, str) and value in known


def _is_text(longest: int) -> Check:
    """Accept text that neither strips nor holds anything to refuse."""
    return lambda value: isinstance(value, str) and len(value) <= longest and value.isprintable() and (
        value == value.strip()
    )  # fmt: skip


def _is_object(checks: dict[str, Check]) -> Check:
    def check(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, each in value.items():
            looks_right = checks.get(name)
            if looks_right is None or not looks_right(each):
                return False
        return True

    return check


def _is_flat(value: Any) -> bool:
    """Accept a few names with short values."""
    if type(value) is not dict or len(value) > MOST_NAMES:
        return False
    return all(_NAME(name) and _is_short(each) for name, each in value.items())


def _is_short(value: Any) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= LONGEST_VALUE)


_CHECKS: dict[str, Check] = {
    "eventId": _is_named_by(_EVENT_ID),
    "eventType": _is_one_of(EVENT_TYPES),
    "timestamp": _is_named_by(_MOMENT),
    "sessionId": _is_named_by(_EVENT_ID),
    "relatedEntities": _is_object(dict.fromkeys(RELATED, _is_named_by(_ID))),
    "data": _is_flat,
    "device": _is_object({"type": _is_one_of(DEVICE_TYPES), "os": _is_text(64), "browser": _is_text(64)}),
    "location": _is_object({"country": _is_text(64), "city": _is_text(64)}),
    "duration": lambda value: type(value) in (int, float) and 0 <= value <= 86_400,
    "metadata": _is_object({"referrer": _is_text(500), "path": _is_text(500), "query": _is_flat}),
}
_is_event = _is_object(_CHECKS)


def taken(event: Any, earliest: datetime, latest: datetime) -> dict[str, Any] | None:
    """Return ``event`` as the schema would load it; ``None`` leaves it to the schema."""
    if not _is_event(event) or "eventType" not in event:
        return None
    changed: dict[str, Any] = {}
    if "timestamp" in event:
        try:
            moment = datetime.fromisoformat(event["timestamp"])
        except ValueError:
            return None
        if not earliest <= moment <= latest:
            return None
        changed["timestamp"] = moment
    if "duration" in event:
        changed["duration"] = float(event["duration"])
    return event | changed
