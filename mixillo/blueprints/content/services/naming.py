"""What a post names has to be there: people, products, a sound, and what its type calls for."""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.models import IMAGE, TEXT, VIDEO
from mixillo.blueprints.content.services import parsing
from mixillo.blueprints.products.models import ON_SALE
from mixillo.blueprints.users.models import ACTIVE, User
from mixillo.blueprints.users.queries.people import ANY_CASE
from mixillo.core.db import database
from mixillo.errors import ValidationFailed

Document = dict[str, Any]
CALLS_FOR = {
    VIDEO: ("videoUrl", "Name the video."),
    IMAGE: ("imageUrls", "Name a picture, at least one."),
    TEXT: ("caption", "Write something."),
}


def named(fields: Document, stored: Document | None = None) -> Document:
    """Return ``fields`` with what they name: hashtags and people of the caption, products.

    :raises ValidationFailed: a product or a person that was named by id is not there.
    """
    fields = dict(fields)
    given, people_ids = fields.pop("hashtags", None), fields.pop("mentions", None)
    if "caption" in fields or given is not None or stored is None:
        caption = ((stored or {}) | fields).get("caption") or ""
        fields["hashtags"] = parsing.hashtags(caption, given or ())
        fields["mentions"] = mentioned(caption, people_ids or [])
    if products := fields.get("products"):
        on_sale = database()["products"].distinct("_id", {"_id": {"$in": products}} | ON_SALE)
        _all_there("products", products, set(on_sale))
    if sound := fields.get("soundId"):
        _all_there("soundId", [sound], set(database()["sounds"].distinct("_id", {"_id": sound})))
    return fields


def mentioned(caption: str, user_ids: Sequence[ObjectId] = ()) -> list[ObjectId]:
    """Return whom a caption mentions (unknown names are only text), and those who were named by id.

    :raises ValidationFailed: one of these is not there.
    """
    names = parsing.usernames(caption)
    users = User.collection()
    by_name = users.find({"username": {"$in": names}, "status": ACTIVE}, {"_id": 1}).collation(ANY_CASE)
    found = [user["_id"] for user in by_name] if names else []
    if user_ids:
        active = users.distinct("_id", {"_id": {"$in": list(user_ids)}, "status": ACTIVE})
        _all_there("mentions", user_ids, set(active))
    return list(dict.fromkeys([*found, *user_ids]))[: parsing.MAX_MENTIONS]


def _all_there(field: str, wanted: Sequence[ObjectId], there: set[ObjectId]) -> None:
    if missing := [each for each in wanted if each not in there]:
        raise ValidationFailed.of(field, f"Not there: {', '.join(map(str, missing))}.")


def check(fields: Document) -> None:
    """Refuse a post without what its type calls for.

    :raises ValidationFailed: naming it.
    """
    field, message = CALLS_FOR.get(fields.get("type") or VIDEO, ("", ""))
    if field and not fields.get(field):
        raise ValidationFailed.of(field, message)
