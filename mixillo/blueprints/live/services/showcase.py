"""What a stream sells: the host's own products, one of them shown at a time."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.live import events
from mixillo.blueprints.live.models import ShoppingSession
from mixillo.blueprints.live.queries import sight
from mixillo.blueprints.products.models import ON_SALE, Product
from mixillo.blueprints.products.queries import availability, catalogue
from mixillo.core import clock, realtime
from mixillo.core.db import transact
from mixillo.core.realtime import room_log
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, NotFound

Document = dict[str, Any]
MOST_PRODUCTS = 50


class NotYours(NotFound):
    """The host sells no such product, or has none of it left."""

    code, title = "live_product_not_found", "You have no such product to show"


class TooManyProducts(Conflict):
    """A stream shows so many at most."""

    code, title = "live_too_many_products", f"A stream shows {MOST_PRODUCTS} products at most"


def products(stream_id: ObjectId, viewer: Viewer | None) -> tuple[list[Document], ObjectId | None]:
    """Return what a stream has shown and is on sale still, in the order it was added, and what is shown now.

    :raises StreamNotFound: there is none that the viewer may see.
    """
    sight.find(stream_id, viewer)
    found = ShoppingSession.collection().find_one({"livestreamId": stream_id}) or {}
    ids = [each["productId"] for each in found.get("featuredProducts") or [] if each.get("productId")]
    cards = catalogue.by_ids(ids)
    pinned = found.get("pinnedProductId")
    return [told(cards[each]) for each in ids if each in cards], pinned if pinned in cards else None


def shown_now(stream_id: ObjectId) -> Document | None:
    """Return what a stream shows now, as long as it is on sale."""
    found = ShoppingSession.collection().find_one({"livestreamId": stream_id}, {"pinnedProductId": 1}) or {}
    pinned = found.get("pinnedProductId")
    card = catalogue.by_ids([pinned]).get(pinned) if pinned else None
    return told(card) if card else None


def show(host: Viewer, stream_id: ObjectId, product_id: ObjectId) -> Document:
    """Show a product now, and return it; the one before stays in the list.

    :raises StreamNotFound: it is not the host's.
    :raises NotOnAir: it has not begun, or is over.
    :raises NotYours: the host sells no such product, or has none of it left.
    :raises TooManyProducts: there are enough in the list.
    """
    sight.check_on_air(sight.of_host(stream_id, host))
    card = _card(host, product_id)

    def work(session: ClientSession) -> list[room_log.Logged]:
        _feature(stream_id, host.id, product_id, session)
        return realtime.told([_told(stream_id, card)], session)

    realtime.deliver(transact(work, turns_of=room_log.turns_of([events.room(stream_id)])))
    return card


def hide(host: Viewer, stream_id: ObjectId, product_id: ObjectId) -> None:
    """Take a product out of the list, and out of sight if it is shown; also fine when it is not there.

    :raises StreamNotFound: it is not the host's.
    """
    sight.of_host(stream_id, host)

    def work(session: ClientSession) -> list[room_log.Logged]:
        sessions, of_stream = ShoppingSession.collection(), {"livestreamId": stream_id}
        gone = {"$pull": {"featuredProducts": {"productId": product_id}}, "$set": {"updatedAt": clock.now()}}
        before = sessions.find_one_and_update(of_stream, gone, session=session)
        if not before or before.get("pinnedProductId") != product_id:
            return []
        sessions.update_one(of_stream, {"$set": {"pinnedProductId": None}}, session=session)
        return realtime.told([_told(stream_id, None)], session)

    realtime.deliver(transact(work, turns_of=room_log.turns_of([events.room(stream_id)])))


def told(card: Document) -> Document:
    """Return a product's card as a stream shows it."""
    images = card["imageUrls"]
    kept = {name: card[name] for name in ("_id", "name", "slug", "price", "currency")}
    return kept | {"imageUrl": images[0] if images else None}


def _card(host: Viewer, product_id: ObjectId) -> Document:
    own = {"_id": product_id, "sellerId": host.id} | ON_SALE
    stored = Product.collection().find_one(own, list(availability.NEEDED))
    if stored is None or availability.available(stored) == 0:
        raise NotYours
    return told(catalogue.by_ids([product_id])[product_id])


def _feature(stream_id: ObjectId, host_id: ObjectId, product_id: ObjectId, session: ClientSession) -> None:
    sessions, now, of_stream = ShoppingSession.collection(), clock.now(), {"livestreamId": stream_id}
    before = sessions.find_one(of_stream, session=session) or {}
    listed = before.get("featuredProducts") or []
    changed: Document = {"pinnedProductId": product_id, "updatedAt": now}
    if not any(each.get("productId") == product_id for each in listed):
        if len(listed) >= MOST_PRODUCTS:
            raise TooManyProducts
        changed["featuredProducts"] = [
            *listed, {"productId": product_id, "displayOrder": len(listed), "featuredAt": now},
        ]  # fmt: skip
    new = {
        "_id": ObjectId(), "hostId": host_id, "orders": [], "totalRevenue": 0, "totalOrders": 0, "conversionRate": 0,
        "createdAt": now,
    }  # fmt: skip
    sessions.update_one(of_stream, {"$set": changed, "$setOnInsert": new}, upsert=True, session=session)


def _told(stream_id: ObjectId, card: Document | None) -> room_log.Told:
    return events.room(stream_id), events.PRODUCT, {"livestreamId": stream_id, "product": card}
