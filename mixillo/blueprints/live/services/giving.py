"""Gifts in a stream: in the room's log and the stream's sums in the transaction that moves the coins."""

from hashlib import sha256
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.gifts.models import LIVESTREAM
from mixillo.blueprints.gifts.services import sending
from mixillo.blueprints.gifts.services import telling as gifts_telling
from mixillo.blueprints.gifts.services.places import PlaceNotFound
from mixillo.blueprints.gifts.services.sending import Wish
from mixillo.blueprints.live import events
from mixillo.blueprints.live.models import ON_AIR, Livestream
from mixillo.blueprints.live.queries import sight
from mixillo.blueprints.users.queries import people
from mixillo.core import clock, realtime
from mixillo.core.realtime.room_log import Logged
from mixillo.core.security import Viewer

Document = dict[str, Any]


def connect() -> None:
    """Take part in the booking of gifts from now on."""
    gifts_telling.booking.connect(booked)


def give(viewer: Viewer, stream_id: ObjectId, wish: Document, record_id: ObjectId) -> Document:
    """Give the host something, as ``wish`` says (giftId, quantity, message, isAnonymous); return what it came to.

    ``record_id`` is the same whenever the request is repeated.

    :raises StreamNotFound: there is none that the viewer may see.
    :raises NotOnAir: it has not begun, or is over.
    :raises Unwelcome: the viewer was kicked or banned.
    :raises AppError: whatever refuses a gift, see :func:`mixillo.blueprints.gifts.services.sending.send`.
    """
    stream = sight.find(stream_id, viewer)
    sight.check_on_air(stream)
    sight.check_welcome(stream, viewer)
    asked = Wish(
        gift_id=ObjectId(wish["giftId"]),
        recipient_id=stream["hostId"],
        quantity=wish["quantity"],
        context=LIVESTREAM,
        places={"livestreamId": stream_id},
        message=wish.get("message") or None,
        is_anonymous=wish.get("isAnonymous", False),
    )
    return sending.send(viewer, asked, record_id)


def record_id_of(viewer: Viewer, client_id: str | None) -> ObjectId:
    """Return the id of a gift that a socket asks for: the same whenever it repeats its ``client_id``."""
    if not client_id:
        return ObjectId()
    return ObjectId(sha256(f"live gift {viewer.id} {client_id}".encode()).hexdigest()[:24])


def booked(_sender: Any, *, record: Document, session: ClientSession) -> list[Logged]:
    """In the transaction of a gift: add it up, and write down what the room is told.

    :raises PlaceNotFound: the stream is over by now, or keeps its sender out; nothing is booked.
    """
    stream_id = record.get("livestreamId")
    if stream_id is None:
        return []
    open_to_sender = {
        "_id": stream_id, "status": {"$in": ON_AIR}, "allowGifts": {"$ne": False},
        "bannedUsers.userId": {"$ne": record["senderId"]},
    }  # fmt: skip
    sums = {"totalGiftsValue": int(record["totalCost"]), "giftsCount": record["quantity"]}
    if not Livestream.collection().update_one(open_to_sender, {"$inc": sums}, session=session).matched_count:
        raise PlaceNotFound
    return realtime.told([(events.room(stream_id), events.GIFT, _told(record))], session)


def _told(record: Document) -> Document:
    sender_id = None if record["isAnonymous"] else record["senderId"]
    return {
        "livestreamId": record["livestreamId"],
        "transactionId": record["_id"],
        "gift": {
            "id": record["giftId"], "name": record["giftName"], "icon": record["giftIcon"],
            "animation": record["giftAnimation"],
        },
        "sender": people.summaries([sender_id]).get(sender_id) if sender_id else None,
        "quantity": record["quantity"],
        "totalCost": int(record["totalCost"]),
        "message": record.get("message"),
        "timestamp": clock.timestamp(record["createdAt"]),
    }  # fmt: skip
