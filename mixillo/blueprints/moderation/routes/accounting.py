"""How people stand: strikes, suspension, ban."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.moderation.queries import lists, shapes
from mixillo.blueprints.moderation.routes.blueprint import TAGS, accounts, blueprint
from mixillo.blueprints.moderation.schemas.asked import StrikesQuery
from mixillo.blueprints.moderation.schemas.given import AccountStatusSchema, StrikeSchema
from mixillo.blueprints.moderation.schemas.shown import OwnStrikeSchema, StrikeShownSchema
from mixillo.blueprints.moderation.services import punishing, striking
from mixillo.blueprints.users.schemas import OwnUserSchema
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

USER = fields.Nested(OwnUserSchema, required=True)
STRIKE = fields.Nested(StrikeShownSchema, required=True)
PAGINATION = fields.Nested(PaginationSchema, required=True)


@accounts.put("/users/<id:user_id>/status", tags=TAGS)
@login_required(*ADMINS)
@accounts.accepts(AccountStatusSchema, example={"status": "suspended", "reason": "spam", "days": 7})
@accounts.returns(200, user=USER)
@accounts.refuses(404, 409)
def set_user_status(body: dict[str, Any], user_id: ObjectId) -> Reply:
    """Suspend or ban somebody, or let them in again

    With a strike; they are signed out everywhere at once. A suspension ends by itself. 403 `above_you` for
    administrators, unless a superadmin asks; 409 `own_account` for oneself.
    """
    reason, days = body.get("reason"), body.get("days")
    user = punishing.set_status(current_viewer(), user_id, body["status"], reason, days)
    return Reply({"user": user}, "Status updated")


@blueprint.get("/strikes")
@login_required(*ADMINS)
@blueprint.takes(StrikesQuery)
@blueprint.returns(200, strikes=fields.List(fields.Nested(StrikeShownSchema), required=True), pagination=PAGINATION)
def list_strikes(query: dict[str, Any]) -> dict[str, Any]:
    """List strikes

    The newest first.
    """
    found, pagination = lists.strikes(query)
    return {"strikes": found, "pagination": pagination}


@blueprint.get("/strikes/mine")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, strikes=fields.List(fields.Nested(OwnStrikeSchema), required=True), pagination=PAGINATION)
def list_own_strikes(query: dict[str, Any]) -> dict[str, Any]:
    """List the strikes against oneself

    The newest first.
    """
    found, pagination = lists.own_strikes(current_viewer(), query)
    return {"strikes": found, "pagination": pagination}


@blueprint.post("/users/<id:user_id>/strikes")
@login_required(*ADMINS)
@idempotent
@blueprint.accepts(StrikeSchema, example={"reason": "spam", "severity": "minor", "description": "Same text everywhere"})
@blueprint.returns(201, strike=STRIKE)
@blueprint.refuses(404, 409)
def give_strike(body: dict[str, Any], user_id: ObjectId) -> Reply:
    """Give somebody a strike

    It counts for 90 days, a critical one for ever; three that count suspend for a week.
    """
    made = striking.give(current_viewer(), user_id, body, operation_id())
    return Reply({"strike": shapes.strikes([made])[0]}, "Strike given", f"/api/moderation/strikes/{made['_id']}")


@blueprint.put("/strikes/<id:strike_id>/lift")
@login_required(*ADMINS)
@blueprint.returns(200, strike=STRIKE)
@blueprint.refuses(404)
def lift_strike(strike_id: ObjectId) -> Reply:
    """Let a strike count no longer

    A suspension stays as it is.
    """
    return Reply({"strike": shapes.strikes([striking.lift(current_viewer(), strike_id)])[0]}, "Strike lifted")
