"""What everybody may see: the catalogue and the leaderboard."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.gifts.queries import catalogue, rankings
from mixillo.blueprints.gifts.routes.blueprint import blueprint
from mixillo.blueprints.gifts.schemas import CatalogueQuery, GiftSchema, LeaderboardQuery, LimitQuery, RankSchema
from mixillo.core.api import revalidated
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import public

GIFTS = fields.List(fields.Nested(GiftSchema), required=True)


@blueprint.get("")
@public
@revalidated
@blueprint.takes(CatalogueQuery)
@blueprint.returns(200, gifts=GIFTS, pagination=fields.Nested(PaginationSchema))
def list_gifts(query: dict[str, Any]) -> dict[str, Any]:
    """List what can be given now

    In the order of the catalogue; `rarity`, `category`, `minPrice` and `maxPrice` filter. Prices are in coins.
    """
    gifts, pagination = catalogue.on_sale(query)
    return {"gifts": gifts, "pagination": pagination}


@blueprint.get("/popular")
@public
@revalidated
@blueprint.takes(LimitQuery)
@blueprint.returns(200, gifts=GIFTS)
def list_popular(query: dict[str, Any]) -> dict[str, Any]:
    """List what is given most often

    Among what can be given now.
    """
    return {"gifts": catalogue.popular(query["limit"])}


@blueprint.get("/seasonal")
@public
@revalidated
@blueprint.takes(LimitQuery)
@blueprint.returns(200, gifts=GIFTS)
def list_seasonal(query: dict[str, Any]) -> dict[str, Any]:
    """List what cannot be given for ever

    What is in its season now, and limited editions.
    """
    return {"gifts": catalogue.seasonal(query["limit"])}


@blueprint.get("/leaderboard")
@public
@revalidated
@blueprint.takes(LeaderboardQuery)
@blueprint.returns(200, leaderboard=fields.List(fields.Nested(RankSchema), required=True))
def show_leaderboard(query: dict[str, Any]) -> dict[str, Any]:
    """Rank who gives or receives most

    `timeframe` is `today` (UTC), `week` or `month` (the last 7 and 30 days) or `all`; `by` is `senders`, by coins
    spent, or `creators`, by coins earned. Anonymous gifts count for creators only. An answer may be half a minute
    old, of `all` five.
    """
    return {"leaderboard": rankings.leaderboard(query["by"], query["timeframe"], query["limit"])}


@blueprint.get("/<id:gift_id>")
@public
@revalidated
@blueprint.returns(200, gift=fields.Nested(GiftSchema, required=True))
@blueprint.refuses(404)
def show_gift(gift_id: ObjectId) -> dict[str, Any]:
    """Show a gift

    Also one that is not sold (any more): `isActive` says so.
    """
    return {"gift": catalogue.one(gift_id)}
