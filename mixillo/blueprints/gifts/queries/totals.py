"""What somebody has given and received altogether, added up from the gifts themselves; amounts in coins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.blueprints.gifts.models import COMPLETED, GiftTransaction

DAY = {"$dateTrunc": {"date": "$createdAt", "unit": "day"}}
ALL = {"coins": {"$sum": "$totalCost"}, "gifts": {"$sum": "$quantity"}, "times": {"$sum": 1}}


@dataclass(frozen=True, slots=True)
class Given:
    """What was given: coins ``spent``, ``gifts`` (pieces) in so many ``times``, on so many ``days`` (UTC)."""

    spent: int = 0
    gifts: int = 0
    times: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """What was received: coins ``earned``, ``gifts`` (pieces) in so many ``times``, from so many ``supporters``."""

    earned: int = 0
    gifts: int = 0
    times: int = 0
    supporters: int = 0


def given(user_id: ObjectId, since: datetime | None = None) -> Given:
    """Return what somebody has given, at all or ``since``."""
    found = _sums({"senderId": user_id}, DAY, ALL, since)
    return Given(
        sum(int(day["coins"]) for day in found),
        sum(int(day["gifts"]) for day in found),
        sum(day["times"] for day in found),
        len(found),
    )


def received(user_id: ObjectId, since: datetime | None = None) -> Received:
    """Return what somebody has received, at all or ``since``."""
    found = _sums({"recipientId": user_id}, "$senderId", ALL | {"coins": {"$sum": "$creatorEarnings"}}, since)
    return Received(
        sum(int(sender["coins"]) for sender in found),
        sum(int(sender["gifts"]) for sender in found),
        sum(sender["times"] for sender in found),
        len(found),
    )


def _sums(whose: dict[str, Any], key: Any, sums: dict[str, Any], since: datetime | None) -> list[dict[str, Any]]:
    where = whose | {"status": COMPLETED} | ({"createdAt": {"$gte": since}} if since else {})
    return list(GiftTransaction.collection().aggregate([{"$match": where}, {"$group": {"_id": key} | sums}]))
