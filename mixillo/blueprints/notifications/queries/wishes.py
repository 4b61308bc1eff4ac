"""How people want to be told: their account's switches, what they chose for each type, their quiet hours."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bson import ObjectId

from mixillo.blueprints.notifications.models import (
    CHANNELS,
    DEFAULTS,
    EMAIL,
    IN_APP,
    PUSH,
    SWITCHES,
    TYPES,
    NotificationPreferences,
)
from mixillo.blueprints.users.models import User
from mixillo.blueprints.users.queries.people import UserNotFound

Document = dict[str, Any]
QUIET: Document = {"enabled": False, "start": "22:00", "end": "07:00", "timezone": "UTC"}


@dataclass(frozen=True)
class Wishes:
    """How one person wants to be told. ``settings`` are those of the account, which go before all others."""

    settings: Document = field(default_factory=dict)
    types: Document = field(default_factory=dict)
    quiet: Document = field(default_factory=dict)

    def wants(self, kind: str, channel: str) -> bool:
        """Return whether they want to be told of ``kind`` by ``channel``."""
        if self.settings.get(SWITCHES.get(kind, "")) is False:
            return False
        if channel in (PUSH, EMAIL) and self.settings.get(channel) is False:
            return False
        chosen = (self.types.get(kind) or {}).get(channel)
        return DEFAULTS[channel] if chosen is None else bool(chosen)

    def rings(self, kind: str, now: datetime) -> bool:
        """Return whether telling them now may make a noise."""
        return self.wants(kind, PUSH) and not is_quiet(self.quiet, now)

    def shown(self) -> Document:
        """Return them as their owner sees them: every type with every channel."""
        return {
            "types": {kind: {channel: self.wants(kind, channel) for channel in CHANNELS} for kind in TYPES},
            "channels": {name: self.settings.get(name, True) is not False for name in (PUSH, EMAIL)} | {IN_APP: True},
            "quietHours": QUIET | {name: value for name, value in self.quiet.items() if name in QUIET},
        }


def is_quiet(hours: Document, now: datetime) -> bool:
    """Return whether ``now`` is within quiet ``hours``; they may go over midnight, and begin where they end never."""
    if not hours.get("enabled"):
        return False
    try:
        zone = ZoneInfo(str(hours.get("timezone") or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):  # a zone that has gone out of the world since
        zone = ZoneInfo("UTC")
    time = now.astimezone(zone).strftime("%H:%M")
    start, end = str(hours.get("start") or QUIET["start"]), str(hours.get("end") or QUIET["end"])
    if start <= end:
        return start <= time < end
    return time >= start or time < end


def show(user_id: ObjectId) -> Document:
    """Return how somebody wants to be told, every type with every channel.

    :raises UserNotFound: the account is gone.
    """
    found = of([user_id])
    if user_id not in found:
        raise UserNotFound
    return found[user_id].shown()


def of(user_ids: list[ObjectId]) -> dict[ObjectId, Wishes]:
    """Return how people want to be told, by id; whoever is not there is left out. Two small queries."""
    users = User.collection().find({"_id": {"$in": user_ids}}, {"notificationSettings": 1})
    return around(list(users))


def around(users: list[Document]) -> dict[ObjectId, Wishes]:
    """Return the same of stored ``users`` (with ``notificationSettings``), by id; one query."""
    chosen = NotificationPreferences.collection().find(
        {"userId": {"$in": [user["_id"] for user in users]}}, {"userId": 1, "types": 1, "quietHours": 1}
    )
    by_user = {each["userId"]: each for each in chosen}
    return {
        user["_id"]: Wishes(
            settings=user.get("notificationSettings") or {},
            types=(by_user.get(user["_id"]) or {}).get("types") or {},
            quiet=(by_user.get(user["_id"]) or {}).get("quietHours") or {},
        )
        for user in users
    }
