"""Sending a gift: one debit, its two credits and one record, together or not at all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.gifts.models import COMPLETED, Gift, GiftTransaction
from mixillo.blueprints.gifts.queries import records
from mixillo.blueprints.gifts.queries.catalogue import GiftNotFound
from mixillo.blueprints.gifts.services import places, telling
from mixillo.blueprints.gifts.services.pricing import GiftNotAvailable, Price, price_of
from mixillo.blueprints.users.queries import people
from mixillo.blueprints.users.queries.people import UserNotFound
from mixillo.blueprints.users.services import contact
from mixillo.blueprints.wallets.models import REVENUE, Transaction
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Entry, Note, Posted, Transfer
from mixillo.core import clock, money, realtime
from mixillo.core.db import transact
from mixillo.core.idempotency import KeyReused
from mixillo.core.realtime import room_log
from mixillo.core.realtime.room_log import Logged
from mixillo.core.security import Viewer
from mixillo.errors import AppError, ValidationFailed

Document = dict[str, Any]
SAME = ("giftId", "recipientId", "quantity", "context")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to give; ``places`` holds the ids of the livestream or post by their fields."""

    gift_id: ObjectId
    recipient_id: ObjectId
    quantity: int
    context: str
    places: dict[str, ObjectId]
    message: str | None
    is_anonymous: bool


def send(sender: Viewer, wish: Wish, record_id: ObjectId) -> Document:
    """Give what ``wish`` says and return ``{transaction, newBalance, recipientEarnings}``.

    ``record_id`` is the same whenever the request is repeated. A repetition whose first answer was lost finds the
    record of it, whatever refuses it by now, and returns what the first would have; nobody is told again.

    :raises ValidationFailed: the recipient is the sender, or the context needs an id.
    :raises GiftNotFound: there is no such gift on sale.
    :raises GiftNotAvailable: it is not its season, or it is not priced in coins.
    :raises UserNotFound: there is no such active person, or they block the sender.
    :raises Blocking: the sender blocks them.
    :raises PlaceNotFound: the livestream or post is not the recipient's.
    :raises InsufficientFunds: the sender has not the coins.
    :raises WalletFrozen: nothing leaves the sender's wallet.
    """
    if sender.id == wish.recipient_id:
        raise ValidationFailed.of("recipientId", "You cannot send a gift to yourself.")
    try:
        return _send(sender, wish, record_id)
    except AppError:
        if earlier := GiftTransaction.collection().find_one({"_id": record_id, "senderId": sender.id}):
            return _repeated(earlier, wish)
        raise


def _send(sender: Viewer, wish: Wish, record_id: ObjectId) -> Document:
    gift = gift_on_sale(wish.gift_id)
    price = price_of(gift, wish.quantity)
    known = people.summaries([sender.id, wish.recipient_id])
    if wish.recipient_id not in known:
        raise UserNotFound
    contact.check_not_blocked(sender, wish.recipient_id)
    places.check(wish.context, wish.recipient_id, wish.places)
    record = _record(record_id, sender.id, wish, gift, price)
    GiftTransaction.ensure_collection()
    parties = (sender.id, wish.recipient_id)
    turns = [*parties, *room_log.turns_of(places.rooms(wish.places))]
    posted, logged = transact(lambda session: _book(record, price, session), turns_of=turns)
    realtime.deliver(logged)
    balance = int(posted.rows[ledger.user(sender.id)]["balanceAfter"])
    telling.tell(record, sender, posted, balance)
    return _outcome(record, records.view(record, known, sender.id), balance)


def gift_on_sale(gift_id: ObjectId) -> Document:
    gift = Gift.collection().find_one({"_id": gift_id, "isActive": True})
    if gift is None:
        raise GiftNotFound
    if not _in_season(gift, clock.now()):
        raise GiftNotAvailable("It is not the season of this gift.")
    return gift


def _in_season(gift: Document, now: datetime) -> bool:
    opens, closes = gift.get("availableFrom"), gift.get("availableUntil")
    return (opens is None or opens <= now) and (closes is None or now < closes)


def _record(record_id: ObjectId, sender_id: ObjectId, wish: Wish, gift: Document, price: Price) -> Document:
    message = {"message": wish.message} if wish.message else {}
    return {
        "_id": record_id,
        "giftId": gift["_id"],
        "senderId": sender_id,
        "recipientId": wish.recipient_id,
        "context": wish.context,
        **wish.places,
        "quantity": wish.quantity,
        "unitPrice": money.stored(price.unit, money.COINS),
        "totalCost": money.stored(price.total, money.COINS),
        "currency": money.COINS,
        "creatorEarnings": money.stored(price.earnings, money.COINS),
        "platformFee": money.stored(price.fee, money.COINS),
        "giftName": gift["name"],
        "giftIcon": gift["icon"],
        "giftAnimation": gift.get("animation", "none"),
        "status": COMPLETED,
        **message,
        "isAnonymous": wish.is_anonymous,
        "isPublic": not wish.is_anonymous,
        "createdAt": clock.now(),
    }


def _book(record: Document, price: Price, session: ClientSession) -> tuple[Posted, list[Logged]]:
    """Move the coins, store the record and what rooms are told of it; run again when others conflict."""
    posted = ledger.post(_entry(record, price), session)
    record["walletTransactionId"] = posted.rows[ledger.user(record["senderId"])]["_id"]
    GiftTransaction.collection().insert_one(record, session=session)
    return posted, telling.book(record, session)


def _entry(record: Document, price: Price) -> Entry:
    """Return what moves: the sender's coins, to the creator and to the house; a part of nothing does not."""
    sender, creator = ledger.user(record["senderId"]), ledger.user(record["recipientId"])
    parts = ((creator, price.earnings, "gift_earnings"), (ledger.house(REVENUE), price.fee, "gift_fee"))
    text = f"{record['quantity']} × {record['giftName']}"
    about = {"referenceId": record["_id"], "referenceType": "gift"}
    if "contentId" in record:
        about["relatedContentId"] = record["contentId"]
    giver = {} if record["isAnonymous"] else {"relatedUserId": sender.owner}
    return Entry(
        f"gift:{record['_id']}",
        [Transfer(sender, account, amount, kind) for account, amount, kind in parts if amount],
        {
            sender: Note("gift_sent", text, about | {"relatedUserId": creator.owner}),
            creator: Note("gift_received", text, about | giver, is_earning=True),
        },
    )


def _repeated(earlier: Document, wish: Wish) -> Document:
    """Return the answer to a request that was carried out before.

    :raises KeyReused: its key is that of another wish, whose answer is not kept any more.
    """
    asked = (wish.gift_id, wish.recipient_id, wish.quantity, wish.context)
    if asked != tuple(earlier[name] for name in SAME):
        raise KeyReused("This Idempotency-Key belongs to a gift that was sent before.")
    row = Transaction.collection().find_one({"_id": earlier["walletTransactionId"]}, ["balanceAfter"]) or {}
    (shown,) = records.views([earlier], earlier["senderId"])
    return _outcome(earlier, shown, row["balanceAfter"])


def _outcome(record: Document, shown: Document, balance: Any) -> Document:
    return {
        "transaction": shown,
        "newBalance": int(balance),
        "recipientEarnings": int(record["creatorEarnings"]),
    }
