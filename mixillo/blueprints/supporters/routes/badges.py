"""Badges: the catalogue, who has which, and how far one is."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.gifts.queries import rankings
from mixillo.blueprints.gifts.queries.rankings import SENDERS
from mixillo.blueprints.gifts.schemas import RankSchema
from mixillo.blueprints.supporters.queries import catalogue, standing
from mixillo.blueprints.supporters.routes.blueprints import badge_pages, supporter_pages
from mixillo.blueprints.supporters.schemas import (
    AwardSchema,
    BadgeSchema,
    BadgesQuery,
    BadgeStatsSchema,
    CreatorSupportersQuery,
    HeldBadgeSchema,
    HeldBadgesQuery,
    ProgressSchema,
)
from mixillo.blueprints.supporters.services import awards
from mixillo.blueprints.users.queries import people
from mixillo.core.api import Reply, revalidated
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required, public

BADGES = {
    "badges": fields.List(fields.Nested(BadgeSchema), required=True),
    "pagination": fields.Nested(PaginationSchema),
}
HELD = {
    "badges": fields.List(fields.Nested(HeldBadgeSchema), required=True),
    "pagination": fields.Nested(PaginationSchema),
}
AWARD = {"userId": "64b7f3a2c9e77a0012ab34ce", "badgeId": "64b7f3a2c9e77a0012ab34cd", "note": "For a year of kindness"}


@badge_pages.get("")
@supporter_pages.get("/badges")
@public
@revalidated
@badge_pages.takes(BadgesQuery)
@badge_pages.returns(200, **BADGES)
def list_badges(query: dict[str, Any]) -> dict[str, Any]:
    """List badges

    In the order of the catalogue; `rarity`, `category` and `featured` filter.
    """
    badges, pagination = catalogue.badges(query)
    return {"badges": badges, "pagination": pagination}


@badge_pages.get("/my-badges")
@supporter_pages.get("/badges/user")
@login_required()
@badge_pages.takes(HeldBadgesQuery)
@badge_pages.returns(200, **HELD)
def list_own(query: dict[str, Any]) -> dict[str, Any]:
    """List one's badges

    The latest first, without those that have run out unless `includeExpired` asks for them.
    """
    return _held(current_viewer().id, query)


@badge_pages.get("/creator/<id:user_id>")
@supporter_pages.get("/badges/user/<id:user_id>")
@public
@revalidated
@badge_pages.takes(HeldBadgesQuery)
@badge_pages.returns(200, **HELD)
@badge_pages.refuses(404)
def list_of_user(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """List somebody's badges

    The latest first.
    """
    people.check_is_there(user_id)
    return _held(user_id, query)


@badge_pages.get("/progress")
@login_required()
@badge_pages.returns(200, progress=fields.List(fields.Nested(ProgressSchema), required=True))
def show_progress() -> dict[str, Any]:
    """Show how far one is with each badge

    Those that are earned by themselves, in the order of the catalogue.
    """
    return {"progress": standing.progress(current_viewer().id)}


@badge_pages.get("/stats")
@login_required()
@badge_pages.returns(200, stats=fields.Nested(BadgeStatsSchema, required=True))
def show_stats() -> dict[str, Any]:
    """Count one's badges

    Against all there are.
    """
    return {"stats": standing.badge_statistics(current_viewer().id)}


@badge_pages.get("/leaderboard")
@public
@revalidated
@badge_pages.takes(CreatorSupportersQuery)
@badge_pages.returns(200, supporters=fields.List(fields.Nested(RankSchema), required=True))
def show_leaderboard(query: dict[str, Any]) -> dict[str, Any]:
    """Rank supporters

    Those of one creator (`creatorId`), or of everybody; by coins given in gifts.
    """
    if creator := query.get("creatorId"):
        return {"supporters": rankings.senders_to(ObjectId(creator), query["timeframe"], query["limit"])}
    return {"supporters": rankings.leaderboard(SENDERS, query["timeframe"], query["limit"])}


@supporter_pages.post("/badges/award")
@login_required(*ADMINS)
@rate_limited("awards", "60/minute")
@supporter_pages.accepts(AwardSchema, example=AWARD)
@supporter_pages.returns(201, badge=fields.Nested(HeldBadgeSchema, required=True))
@supporter_pages.refuses(404, 409)
def award(body: dict[str, Any]) -> Reply:
    """Award a badge

    Once to each person; it is written into the audit log, and they hear `badge:earned`.
    """
    held = awards.award(current_viewer(), ObjectId(body["userId"]), ObjectId(body["badgeId"]), body.get("note"))
    return Reply({"badge": held}, "Badge awarded")


@badge_pages.get("/<id:badge_id>")
@public
@revalidated
@badge_pages.returns(200, badge=fields.Nested(BadgeSchema, required=True))
@badge_pages.refuses(404)
def show_badge(badge_id: ObjectId) -> dict[str, Any]:
    """Show a badge

    As long as it is given.
    """
    return {"badge": catalogue.badge(badge_id)}


@badge_pages.get("/<id:badge_id>/check")
@login_required()
@badge_pages.returns(200, earned=fields.Boolean(required=True))
@badge_pages.refuses(404)
def check_badge(badge_id: ObjectId) -> dict[str, Any]:
    """Tell whether one holds a badge

    404 for a badge that is not given.
    """
    return {"earned": standing.holds(current_viewer().id, ObjectId(catalogue.badge(badge_id)["_id"]))}


def _held(user_id: ObjectId, query: dict[str, Any]) -> dict[str, Any]:
    badges, pagination = standing.held_by(user_id, query, include_expired=query["includeExpired"])
    return {"badges": badges, "pagination": pagination}
