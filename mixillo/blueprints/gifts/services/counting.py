"""How often each gift was sent, kept on its document for lists in the order of popularity.

The gifts sent are what counts; these sums only follow them. They are stepped after the commit, outside of the
transaction: inside, everybody who sends the same gift would wait for everybody else. A crash between the two loses a
step, which nobody pays for, and `recount` makes up for it.
"""

from typing import Any

from pymongo import UpdateOne, WriteConcern
from pymongo.client_session import ClientSession

from mixillo.blueprints.gifts.models import COMPLETED, Gift, GiftTransaction
from mixillo.core.db import client

COUNTS = ("timesSent", "popularity", "totalRevenue")
Counts = dict[str, int]


def step(record: dict[str, Any]) -> None:
    """Count a gift that was sent; nobody waits for it, not even for an answer."""
    gifts = Gift.collection().with_options(write_concern=WriteConcern(w=0))
    gifts.update_one({"_id": record["giftId"]}, {"$inc": _counts(record["quantity"], record["totalCost"])})


def recount() -> int:
    """Make the counts of every gift those of what was sent; return how many gifts had others.

    It compares as of one moment and adds the difference, so that gifts sent from then on count too. One that was
    booked but not yet stepped at that very moment counts twice, until the next time.
    """
    with client().start_session(snapshot=True) as session:
        sums = _sums(session)
        stored = list(Gift.collection().find({}, COUNTS, session=session))
    nothing = _counts(0, 0)
    steps = {gift["_id"]: _differences(gift, sums.get(gift["_id"], nothing)) for gift in stored}
    wrong = [UpdateOne({"_id": gift_id}, {"$inc": step}) for gift_id, step in steps.items() if any(step.values())]
    if wrong:
        Gift.collection().bulk_write(wrong, ordered=False)
    return len(wrong)


def _sums(session: ClientSession) -> dict[Any, Counts]:
    group = {"_id": "$giftId", "gifts": {"$sum": "$quantity"}, "coins": {"$sum": "$totalCost"}}
    found = GiftTransaction.collection().aggregate(
        [{"$match": {"status": COMPLETED}}, {"$group": group}], session=session
    )
    return {each["_id"]: _counts(int(each["gifts"]), int(each["coins"])) for each in found}


def _counts(gifts: int, coins: int) -> Counts:
    return {"timesSent": gifts, "popularity": gifts, "totalRevenue": coins}


def _differences(stored: dict[str, Any], counted: Counts) -> Counts:
    return {name: counted[name] - int(stored.get(name) or 0) for name in COUNTS}
