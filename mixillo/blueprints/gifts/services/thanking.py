"""Thanking: the recipient says a few words to the giver, once for each gift."""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from mixillo.blueprints.gifts.events import GIFT_THANKYOU
from mixillo.blueprints.gifts.models import COMPLETED, GiftTransaction
from mixillo.blueprints.gifts.queries.records import RecordNotFound
from mixillo.core import clock
from mixillo.core.realtime import emit_to_user
from mixillo.core.security import Viewer
from mixillo.errors import Conflict


class AlreadyThanked(Conflict):
    """The giver was thanked before."""

    code, title = "already_thanked", "You have thanked for this gift"


def thank(recipient: Viewer, record_id: ObjectId, message: str) -> dict[str, Any]:
    """Keep the words with the gift, tell its sender, and return ``{message, at}``.

    :raises RecordNotFound: the viewer has received no such gift.
    :raises AlreadyThanked: there are words already.
    """
    thanks = {"message": message, "at": clock.now()}
    received = {"_id": record_id, "recipientId": recipient.id, "status": COMPLETED}
    record = GiftTransaction.collection().find_one_and_update(
        received | {"thankYou": {"$exists": False}},
        {"$set": {"thankYou": thanks}},
        return_document=ReturnDocument.AFTER,
    )
    if record is None:
        known = GiftTransaction.collection().find_one(received, ["_id"])
        raise AlreadyThanked if known else RecordNotFound
    told = {"transactionId": str(record_id), "from": recipient.username, "message": message}
    emit_to_user(record["senderId"], GIFT_THANKYOU, told)
    return thanks
