"""Who gave and who received most, added up from the gifts themselves; what is public is kept for a while."""

from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from mixillo.blueprints.gifts.models import COMPLETED, GiftTransaction
from mixillo.blueprints.users.queries import people
from mixillo.core import clock
from mixillo.core.kept import kept
from mixillo.core.schemas import MAX_LIMIT

SENDERS, CREATORS = SIDES = ("senders", "creators")
TODAY, WEEK, MONTH, ALL = TIMEFRAMES = ("today", "week", "month", "all")
DAYS = {WEEK: 7, MONTH: 30}
KEPT_SECONDS = 30
# The longest time there is takes the longest to add up, and changes least.
KEPT_SECONDS_OF_ALL = 300
# Accounts that were closed meanwhile are left out, so that more are looked for than are shown.
LOOKED_FOR = MAX_LIMIT + 50

Document = dict[str, Any]
# Anonymous gifts count for their creators, and for no sender: the sum would tell who it was.
_BY = {
    SENDERS: ("$senderId", "$totalCost", {"isAnonymous": {"$ne": True}}),
    CREATORS: ("$recipientId", "$creatorEarnings", {}),
}


def leaderboard(by: str, timeframe: str, limit: int) -> list[Document]:
    """Return the first ``limit`` senders (by coins spent) or creators (by coins earned) of a timeframe.

    It may be as old as it is kept for: half a minute, of ``all`` five.
    """
    seconds = KEPT_SECONDS_OF_ALL if timeframe == ALL else KEPT_SECONDS
    return kept(("gift leaderboard", by, timeframe), seconds, lambda: _ranked(by, {}, start_of(timeframe)))[:limit]


def senders_to(creator_id: ObjectId, timeframe: str, limit: int) -> list[Document]:
    """Return who gave one creator most."""
    return _ranked(SENDERS, {"recipientId": creator_id}, start_of(timeframe))[:limit]


def start_of(timeframe: str) -> datetime | None:
    """Return since when a timeframe counts: midnight (UTC) for today, 7 and 30 days for week and month."""
    now = clock.now()
    if timeframe == TODAY:
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    return now - timedelta(days=DAYS[timeframe]) if timeframe in DAYS else None


def _ranked(by: str, whose: Document, since: datetime | None) -> list[Document]:
    key, coins, named = _BY[by]
    period = {"createdAt": {"$gte": since}} if since else {}
    pipeline: list[Document] = [
        {"$match": whose | {"status": COMPLETED} | period | named},
        {"$group": {"_id": key, "coins": {"$sum": coins}, "gifts": {"$sum": "$quantity"}}},
        {"$sort": {"coins": -1, "_id": 1}},
        {"$limit": LOOKED_FOR},
    ]
    sums = list(GiftTransaction.collection().aggregate(pipeline))
    known = people.summaries([each["_id"] for each in sums])
    shown = [each for each in sums if each["_id"] in known]
    return [_line(rank, each, known[each["_id"]]) for rank, each in enumerate(shown, 1)]


def _line(rank: int, sums: Document, user: Document) -> Document:
    return {
        "rank": rank,
        "userId": sums["_id"],
        "user": user,
        "totalCoins": int(sums["coins"]),
        "totalGifts": int(sums["gifts"]),
    }
