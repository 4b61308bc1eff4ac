"""Where a gift is given: at a livestream or a post, which must be the recipient's own."""

from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from mixillo.blueprints.gifts.models import LIVESTREAM, VIDEO
from mixillo.core.db import database
from mixillo.errors import NotFound, ValidationFailed


@dataclass(frozen=True, slots=True)
class Place:
    """A collection of another feature: which field names the owner, and what must hold there to give something.

    ``room`` is the kind of the rooms where gifts are told, in the transaction that books them.
    """

    collection: str
    owner: str
    open: dict[str, Any] = field(default_factory=dict)
    room: str | None = None


# Those features stand above this one, so that it asks the collections themselves.
PLACES = {
    "livestreamId": Place(
        "livestreams", "hostId", {"status": {"$nin": ["ended", "failed"]}, "allowGifts": {"$ne": False}}, "live"
    ),
    "contentId": Place("contents", "userId", {"status": "active"}),
}
NEEDED = {LIVESTREAM: "livestreamId", VIDEO: "contentId"}


class PlaceNotFound(NotFound):
    """The recipient has no such livestream or post at which gifts are taken."""

    code, title = "gift_place_not_found", "The recipient takes no gifts there"


def check(context: str, recipient_id: ObjectId, named: dict[str, ObjectId]) -> None:
    """Refuse a place (id by field) that is not the recipient's, and a context without its place.

    :raises ValidationFailed: the context needs an id that is not there.
    :raises PlaceNotFound: there is no such livestream or post of the recipient's, or it takes no gifts.
    """
    needed = NEEDED.get(context)
    if needed and needed not in named:
        raise ValidationFailed.of(needed, f"The context {context} needs it.")
    for name, place_id in named.items():
        place = PLACES[name]
        where = {"_id": place_id, place.owner: recipient_id} | place.open
        if not database()[place.collection].find_one(where, {"_id": 1}):
            raise PlaceNotFound(
                f"The recipient has no {place.collection.removesuffix('s')} of this id that takes gifts."
            )


def rooms(named: dict[str, ObjectId]) -> list[str]:
    """Return the rooms that are told of a gift at these places (id by field)."""
    return [f"{PLACES[name].room}_{place_id}" for name, place_id in named.items() if PLACES[name].room]
