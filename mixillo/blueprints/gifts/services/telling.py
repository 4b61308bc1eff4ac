"""After the commit: who is told of a gift."""

from typing import Any

from blinker import Signal
from pymongo.client_session import ClientSession

from mixillo.blueprints.gifts.events import GIFT_RECEIVED, GIFT_SENT
from mixillo.blueprints.gifts.services import counting
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Posted
from mixillo.core.realtime import emit_to_user
from mixillo.core.realtime.room_log import Logged
from mixillo.core.security import Viewer

Document = dict[str, Any]
# Sent inside the transaction, with ``record`` and ``session``, as often as it is run: whoever listens writes with the
# session alone, and returns what it has logged in rooms, which is delivered after the commit. What it raises undoes
# the gift.
booking = Signal()
# Sent after the commit, with ``transaction`` (the stored record); supporters and notifications listen.
gift_sent = Signal()


def book(record: Document, session: ClientSession) -> list[Logged]:
    """Inside the transaction: let the features above write what goes with a gift; return what rooms are told."""
    return [row for _, rows in booking.send(record=record, session=session) for row in rows or []]


def tell(record: Document, sender: Viewer, posted: Posted, balance: int) -> None:
    """Count the gift and tell both people and the other features; ``balance`` is what the sender has left."""
    counting.step(record)
    ledger.announce(posted)
    emit_to_user(record["recipientId"], GIFT_RECEIVED, received(record, sender))
    emit_to_user(sender.id, GIFT_SENT, sent(record, balance))
    gift_sent.send(transaction=record)


def received(record: Document, sender: Viewer) -> Document:
    """Return what the recipient hears; of an anonymous gift ``sender`` is ``None``."""
    return {
        "transactionId": record["_id"],
        "gift": _gift(record),
        "sender": None if record["isAnonymous"] else {"id": sender.id, "username": sender.username},
        "quantity": record["quantity"],
        "earnings": int(record["creatorEarnings"]),
        "context": record["context"],
        "livestreamId": record.get("livestreamId"),
        "contentId": record.get("contentId"),
        "message": record.get("message"),
    }


def sent(record: Document, balance: int) -> Document:
    """Return what the sender's devices hear."""
    return {
        "transactionId": record["_id"],
        "gift": _gift(record),
        "recipientId": record["recipientId"],
        "quantity": record["quantity"],
        "totalCost": int(record["totalCost"]),
        "newBalance": balance,
    }


def _gift(record: Document) -> Document:
    return {
        "id": record["giftId"],
        "name": record["giftName"],
        "icon": record["giftIcon"],
        "animation": record["giftAnimation"],
    }
