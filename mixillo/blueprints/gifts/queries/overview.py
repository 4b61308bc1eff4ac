"""Figures of all gifts, for administrators."""

from typing import Any

from mixillo.blueprints.gifts.models import COMPLETED, Gift, GiftTransaction
from mixillo.blueprints.gifts.queries.rankings import TODAY, start_of
from mixillo.core.kept import kept

KEPT_SECONDS = 30


def overview() -> dict[str, Any]:
    """Return ``{totalGifts, totalRevenue, giftsSentToday, popularGift}``, at most half a minute old.

    Gifts in the catalogue; coins spent on gifts, as text; pieces sent since midnight (UTC); the name of the one
    that was sent most often, ``None`` before the first.
    """
    return kept("gift overview", KEPT_SECONDS, _overview)


def _overview() -> dict[str, Any]:
    kinds = _sums("$giftId", {})
    today = _sums(None, {"createdAt": {"$gte": start_of(TODAY)}})
    first = max(kinds, key=lambda kind: (kind["gifts"], kind["_id"]), default=None)
    popular = Gift.collection().find_one({"_id": first["_id"]}, ["name"]) if first else None
    return {
        "totalGifts": Gift.collection().estimated_document_count(),
        "totalRevenue": str(sum(int(kind["coins"]) for kind in kinds)),
        "giftsSentToday": sum(int(each["gifts"]) for each in today),
        "popularGift": popular["name"] if popular else None,
    }


def _sums(key: str | None, where: dict[str, Any]) -> list[dict[str, Any]]:
    group = {"_id": key, "coins": {"$sum": "$totalCost"}, "gifts": {"$sum": "$quantity"}}
    pipeline = [{"$match": {"status": COMPLETED} | where}, {"$group": group}]
    return list(GiftTransaction.collection().aggregate(pipeline))
