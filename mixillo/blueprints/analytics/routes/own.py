"""One's own figures."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.analytics.queries import creators
from mixillo.blueprints.analytics.routes.blueprint import blueprint
from mixillo.blueprints.analytics.schemas import personal, shown
from mixillo.blueprints.analytics.schemas.asked import PeriodQuery, TopQuery
from mixillo.core.security import current_viewer, login_required


@blueprint.get("/user")
@login_required()
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, analytics=fields.Nested(personal.PersonFigures, required=True))
def show_own(query: dict[str, Any]) -> dict[str, Any]:
    """Show one's own figures

    What one did, and what others did with one's posts and profile; by day. They follow within some minutes.
    """
    return {"analytics": creators.of_user(current_viewer().id, query["period"])}


@blueprint.get("/audience")
@login_required()
@blueprint.returns(200, demographics=fields.Nested(personal.FiguresAudience, required=True))
def show_audience() -> dict[str, Any]:
    """Show who follows one

    As far as the latest 5,000 say it of themselves. Groups of fewer than five are not told.
    """
    return {"demographics": creators.audience(current_viewer().id)}


@blueprint.get("/earnings")
@login_required()
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, earnings=fields.Nested(personal.FiguresEarnings, required=True))
def show_earnings(query: dict[str, Any]) -> dict[str, Any]:
    """Show what one earned

    By the rows of one's wallets.
    """
    return {"earnings": creators.earnings(current_viewer().id, query["period"])}


@blueprint.get("/follower-growth")
@login_required()
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, growth=fields.List(fields.Nested(personal.FiguresGrowthDay), required=True))
def show_follower_growth(query: dict[str, Any]) -> dict[str, Any]:
    """Show how many follow one, by day"""
    return {"growth": creators.follower_growth(current_viewer().id, query["period"])}


@blueprint.get("/top-content")
@login_required()
@blueprint.takes(TopQuery)
@blueprint.returns(200, content=shown.CONTENTS)
def list_top_content(query: dict[str, Any]) -> dict[str, Any]:
    """List one's posts that were seen most"""
    return {"content": creators.top_posts(current_viewer().id, query["limit"])}


@blueprint.get("/content/<id:content_id>")
@login_required()
@blueprint.needs("a post of one's own")
@blueprint.returns(200, content=fields.Nested(shown.ContentFigures, required=True), metrics=personal.METRICS_OF_DAYS)
@blueprint.refuses(404)
def show_content(content_id: ObjectId) -> dict[str, Any]:
    """Show what was done with a post of one's own

    On each of the last 30 days. Administrators see everybody's.
    """
    return creators.of_content(current_viewer(), content_id)
