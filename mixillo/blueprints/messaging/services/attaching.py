"""What a message may bring along: a product that is on sale, a gift that was given, another message to answer."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.gifts.models import COMPLETED, GiftTransaction
from mixillo.blueprints.gifts.models import MESSAGE as IN_MESSAGE
from mixillo.blueprints.messaging.models import GIFT, Message
from mixillo.blueprints.products.queries import catalogue
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, ValidationFailed

Document = dict[str, Any]


class GiftShown(Conflict):
    """A gift is shown in one message only."""

    code, title = "gift_already_shown", "This gift is in another message already"


def check(sender: Viewer, talk: Document, draft: Document) -> Document:
    """Return ``draft`` with what is stored of the things that it names.

    :raises ValidationFailed: there is no such thing to show.
    """
    if (product_id := draft.get("productId")) and product_id not in catalogue.by_ids([product_id]):
        raise ValidationFailed.of("productId", "There is no such product on sale.")
    if (answered := draft.get("replyTo")) and not _is_in(answered, talk["_id"]):
        raise ValidationFailed.of("replyTo", "There is no such message in this conversation.")
    return draft | (_gift(sender, talk, draft["giftTransactionId"]) if draft["type"] == GIFT else {})


def take(message: Document, session: ClientSession) -> None:
    """Let the gift of a stored message be the one of this message alone.

    :raises GiftShown: it is in another one.
    """
    gift_id = message.get("giftTransactionId")
    if gift_id is None:
        return
    free = {"_id": gift_id, "messageId": None}
    rows = GiftTransaction.collection()
    if not rows.update_one(free, {"$set": {"messageId": message["_id"]}}, session=session).modified_count:
        raise GiftShown


def _is_in(message_id: ObjectId, conversation_id: ObjectId) -> bool:
    here = {"_id": message_id, "conversationId": conversation_id, "isDeleted": {"$ne": True}}
    return Message.collection().find_one(here, {"_id": 1}) is not None


def _gift(sender: Viewer, talk: Document, transaction_id: ObjectId) -> Document:
    """Return what is stored of a gift that the sender has given, and paid, in this conversation."""
    given = GiftTransaction.collection().find_one(
        {"_id": transaction_id, "senderId": sender.id, "context": IN_MESSAGE, "status": COMPLETED}
    )
    if given is None or given["recipientId"] not in talk["participants"]:
        raise ValidationFailed.of("giftTransactionId", "You have given no such gift to somebody here.")
    shown = {name: given.get(name) for name in ("giftName", "giftIcon", "giftAnimation", "quantity")}
    return {"giftId": given["giftId"], "metadata": shown}
