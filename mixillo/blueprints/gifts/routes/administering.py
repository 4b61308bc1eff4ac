"""What administrators do with the catalogue, and the paths of the existing system's dashboard."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.gifts.queries import catalogue
from mixillo.blueprints.gifts.queries.overview import overview
from mixillo.blueprints.gifts.routes.blueprint import blueprint
from mixillo.blueprints.gifts.routes.browsing import GIFTS, list_gifts, list_popular, list_seasonal, show_gift
from mixillo.blueprints.gifts.routes.giving import send
from mixillo.blueprints.gifts.schemas import CatalogueQuery, GiftChangesSchema, GiftSchema, NewGiftSchema
from mixillo.blueprints.gifts.services import editing
from mixillo.core.api import Reply
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

GIFT = {
    "name": "Paper Crane",
    "description": "Folded by hand",
    "coinPrice": 5,
    "imageUrl": "https://cdn.example.com/gifts/paper-crane.png",
    "animation": "float",
    "category": "standard",
    "rarity": "common",
    "creatorEarningsPercent": 70,
}


@blueprint.get("/admin/all")
@login_required(*ADMINS)
@blueprint.takes(CatalogueQuery)
@blueprint.returns(200, gifts=GIFTS, pagination=fields.Nested(PaginationSchema))
def list_all_gifts(query: dict[str, Any]) -> dict[str, Any]:
    """List the whole catalogue

    With what is not sold any more and what is out of season.
    """
    gifts, pagination = catalogue.everything(query)
    return {"gifts": gifts, "pagination": pagination}


@blueprint.get("/stats/overview")
@login_required(*ADMINS)
@blueprint.returns(
    200,
    totalGifts=fields.Integer(required=True),
    totalRevenue=fields.String(required=True, metadata={"example": "12500"}),
    giftsSentToday=fields.Integer(required=True),
    popularGift=fields.String(required=True, allow_none=True, metadata={"example": "Rose"}),
)
def show_overview() -> dict[str, Any]:
    """Show the figures of gifts

    Gifts in the catalogue, coins spent on gifts (as text), gifts sent since midnight (UTC), and the name of the
    one that was sent most often. They may be half a minute old.
    """
    return overview()


@blueprint.post("")
@login_required(*ADMINS)
@blueprint.accepts(NewGiftSchema, example=GIFT)
@blueprint.returns(201, gift=fields.Nested(GiftSchema, required=True))
def create_gift(body: dict[str, Any]) -> Reply:
    """Add a gift to the catalogue

    `price` may be called `coinPrice` and `icon` `imageUrl`, as in answers. The icon is a web address, or a sign
    such as an emoji.
    """
    gift = editing.create(current_viewer(), body)
    return Reply({"gift": gift}, "Gift created", location=f"/api/gifts/{gift['_id']}")


@blueprint.put("/<id:gift_id>")
@login_required(*ADMINS)
@blueprint.accepts(GiftChangesSchema, example={"coinPrice": 6, "isFeatured": True})
@blueprint.returns(200, gift=fields.Nested(GiftSchema, required=True))
@blueprint.refuses(404)
def change_gift(body: dict[str, Any], gift_id: ObjectId) -> Reply:
    """Change a gift

    What is not sent stays as it is. Gifts that were sent before keep the price they had.
    """
    return Reply({"gift": editing.change(current_viewer(), gift_id, body)}, "Gift updated")


@blueprint.delete("/<id:gift_id>")
@login_required(*ADMINS)
@blueprint.returns(200, deleted=fields.Boolean(required=True))
@blueprint.refuses(404)
def remove_gift(gift_id: ObjectId) -> Reply:
    """Take a gift out of the catalogue

    One that was ever sent stays for the records, not for sale (`deleted` is false then).
    """
    deleted = editing.remove(current_viewer(), gift_id)
    return Reply({"deleted": deleted}, "Gift deleted" if deleted else "Gift withdrawn: it was sent before")


# The paths that clients of the existing system call.
for _rule, _view, _method in (
    ("", list_gifts, "GET"),
    ("/popular", list_popular, "GET"),
    ("/seasonal", list_seasonal, "GET"),
    ("/stats/overview", show_overview, "GET"),
    ("/<id:gift_id>", show_gift, "GET"),
    ("", create_gift, "POST"),
    ("/send", send, "POST"),
    ("/<id:gift_id>", change_gift, "PUT"),
    ("/<id:gift_id>", remove_gift, "DELETE"),
):
    _successor = f"/api/gifts{_rule}".replace("<id:gift_id>", "{gift_id}")
    blueprint.add_deprecated_alias(f"/mongodb{_rule}", _view, successor=_successor, methods=[_method])
