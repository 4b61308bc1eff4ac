"""Who bought most credits, added up from the rows of their wallets; what was refunded does not count."""

from datetime import datetime
from typing import Any

from mixillo.blueprints.gifts.queries.rankings import ALL, start_of
from mixillo.blueprints.users.queries import people
from mixillo.blueprints.wallets.models import COMPLETED, Transaction
from mixillo.core.kept import kept
from mixillo.core.money import COINS
from mixillo.core.schemas import MAX_LIMIT

KEPT_SECONDS, KEPT_SECONDS_OF_ALL = 30, 300
BOUGHT, TAKEN_BACK = "coin_purchase", "refund"
# Accounts that were closed meanwhile are left out, so that more are looked for than are shown.
LOOKED_FOR = MAX_LIMIT + 50
Document = dict[str, Any]


def leaderboard(timeframe: str, limit: int) -> list[Document]:
    """Return the first ``limit`` buyers of a timeframe; it may be as old as it is kept for."""
    seconds = KEPT_SECONDS_OF_ALL if timeframe == ALL else KEPT_SECONDS
    return kept(("spenders", timeframe), seconds, lambda: ranked(start_of(timeframe)))[:limit]


def ranked(since: datetime | None) -> list[Document]:
    """Return the buyers since a moment, or ever, the one with the most credits first."""
    period = {"createdAt": {"$gte": since}} if since else {}
    taken = {"$and": [{"$eq": ["$type", TAKEN_BACK]}, {"$gt": ["$amount", 0]}]}
    pipeline: list[Document] = [
        {"$match": {"type": {"$in": [BOUGHT, TAKEN_BACK]}, "status": COMPLETED, "currency": COINS} | period},
        {
            "$group": {
                "_id": "$userId",
                "coins": {"$sum": {"$cond": [taken, 0, "$amount"]}},
                "times": {"$sum": {"$cond": [{"$eq": ["$type", BOUGHT]}, 1, 0]}},
            }
        },
        {"$match": {"coins": {"$gt": 0}}},
        {"$sort": {"coins": -1, "_id": 1}},
        {"$limit": LOOKED_FOR},
    ]
    sums = list(Transaction.collection().aggregate(pipeline))
    known = people.summaries([each["_id"] for each in sums])
    shown = [each for each in sums if each["_id"] in known]
    return [
        {
            "rank": rank,
            "userId": each["_id"],
            "user": known[each["_id"]],
            "totalCoins": int(each["coins"]),
            "purchases": each["times"],
        }
        for rank, each in enumerate(shown, 1)
    ]
