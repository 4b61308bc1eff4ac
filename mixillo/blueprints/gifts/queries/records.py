"""Gifts that were sent, as the two people concerned see them."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.gifts.models import COMPLETED, NEWEST, Gift, GiftTransaction
from mixillo.blueprints.gifts.queries import catalogue
from mixillo.blueprints.users.queries import people
from mixillo.core import money
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]
Page = tuple[list[Document], Document]
MOST_KINDS = 200


class RecordNotFound(NotFound):
    """There is no such record, or it is between other people."""

    code, title = "gift_transaction_not_found", "There is no such gift transaction"


def sent(user_id: ObjectId, query: Document) -> Page:
    """Return a page of what somebody sent, the latest first, and its ``pagination``."""
    return _page({"senderId": user_id}, user_id, query)


def received(user_id: ObjectId, query: Document) -> Page:
    """Return a page of what somebody received, the latest first, and its ``pagination``."""
    return _page({"recipientId": user_id}, user_id, query)


def one(record_id: ObjectId, reader_id: ObjectId) -> Document:
    """Return one record to its sender or recipient.

    :raises RecordNotFound: there is none of this id that concerns the reader.
    """
    concerned = [{"senderId": reader_id}, {"recipientId": reader_id}]
    found = GiftTransaction.collection().find_one({"_id": record_id, "$or": concerned})
    if found is None:
        raise RecordNotFound
    return views([found], reader_id)[0]


def inventory(user_id: ObjectId) -> list[Document]:
    """Return what somebody has received by kind of gift, the latest first: how many, and what they earned."""
    pipeline: list[Document] = [
        {"$match": {"recipientId": user_id, "status": COMPLETED}},
        {
            "$group": {
                "_id": "$giftId",
                "quantity": {"$sum": "$quantity"},
                "earnings": {"$sum": "$creatorEarnings"},
                "lastReceivedAt": {"$max": "$createdAt"},
            }
        },
        {"$sort": {"lastReceivedAt": -1, "_id": 1}},
        {"$limit": MOST_KINDS},
    ]
    held = list(GiftTransaction.collection().aggregate(pipeline))
    gifts = Gift.collection().find({"_id": {"$in": [each["_id"] for each in held]}}, catalogue.FIELDS)
    known = {gift["_id"]: catalogue.view(gift) for gift in gifts}
    return [_held(each, known.get(each["_id"])) for each in held]


def views(records: list[Document], reader_id: ObjectId) -> list[Document]:
    """Return stored ``records`` as ``reader_id`` sees them: the sender of an anonymous gift is known to nobody else."""
    known = people.summaries([record[side] for record in records for side in ("senderId", "recipientId")])
    return [view(record, known, reader_id) for record in records]


def view(record: Document, known: dict[ObjectId, Document], reader_id: ObjectId) -> Document:
    """Return one stored ``record`` as ``reader_id`` sees it, with the people of it as they are ``known``."""
    currency = record.get("currency", money.COINS)
    amounts = {name: _shown(record.get(name), currency) for name in ("unitPrice", "totalCost")}
    hidden = bool(record.get("isAnonymous")) and record["senderId"] != reader_id
    return {
        "_id": record["_id"],
        "id": record["_id"],
        "giftId": record["giftId"],
        "gift": _gift(record, amounts["unitPrice"]),
        "senderId": None if hidden else record["senderId"],
        "sender": None if hidden else known.get(record["senderId"]),
        "recipientId": record["recipientId"],
        "recipient": known.get(record["recipientId"]),
        "context": record["context"],
        "livestreamId": record.get("livestreamId"),
        "liveStreamId": record.get("livestreamId"),
        "contentId": record.get("contentId"),
        "quantity": record["quantity"],
        **amounts,
        "totalCoinCost": amounts["totalCost"],
        "currency": currency,
        "creatorEarnings": _shown(record.get("creatorEarnings"), currency),
        "status": record.get("status", COMPLETED),
        "message": record.get("message"),
        "isAnonymous": bool(record.get("isAnonymous")),
        "createdAt": record["createdAt"],
    }


def _page(where: Document, reader_id: ObjectId, query: Document) -> Page:
    found, pagination = paginate(GiftTransaction.collection(), where, query, sort=NEWEST)
    return views(found, reader_id), pagination


def _gift(record: Document, price: int | float) -> Document:
    """Return the gift as it was when it was sent."""
    return {
        "_id": record["giftId"],
        "name": record.get("giftName", ""),
        "icon": record.get("giftIcon", ""),
        "imageUrl": record.get("giftIcon", ""),
        "animation": record.get("giftAnimation", "none"),
        "price": price,
        "coinPrice": price,
    }


def _shown(amount: Any, currency: str) -> int | float:
    return money.shown(money.minor(amount, currency), currency)


def _held(sums: Document, gift: Document | None) -> Document:
    return {
        "giftId": sums["_id"],
        "gift": gift,
        "quantity": int(sums["quantity"]),
        "earnings": int(sums["earnings"]),
        "lastReceivedAt": sums["lastReceivedAt"],
    }
