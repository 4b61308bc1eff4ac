"""What somebody has paid for before."""

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.payments.models import COMPLETED, REFUNDED, Payment


def has_paid(
    user_id: ObjectId, kind: str, *, but: ObjectId | None = None, session: ClientSession | None = None
) -> bool:
    """Return whether a payment of the type ``kind`` completed, other than ``but``; a refunded one counts."""
    where = {"userId": user_id, "type": kind, "status": {"$in": [COMPLETED, REFUNDED]}, "_id": {"$ne": but}}
    return Payment.collection().find_one(where, {"_id": 1}, session=session) is not None
