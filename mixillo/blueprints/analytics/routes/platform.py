"""The platform's figures, for administrators."""

from typing import Any

from bson import ObjectId
from flask import Response, stream_with_context
from marshmallow import fields

from mixillo.blueprints.analytics.queries import creators, platform, present
from mixillo.blueprints.analytics.routes.blueprint import blueprint, metrics
from mixillo.blueprints.analytics.schemas import personal, shown
from mixillo.blueprints.analytics.schemas.asked import CSV, EventsQuery, ExportQuery, PeriodQuery, TrendQuery
from mixillo.blueprints.analytics.services import exporting
from mixillo.core.security import current_viewer, login_required

FILES = {
    "200": {
        "description": "The file",
        "content": {
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}


@blueprint.get("/overview")
@login_required("admin", "superadmin")
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, **shown.OVERVIEW)
def overview(query: dict[str, Any]) -> dict[str, Any]:
    """Show a period in a few numbers

    By the figures of its days, which follow what happens within some minutes, beside the period before. Money is in
    USD.
    """
    return platform.overview(query["period"])


@blueprint.get("/dashboard/revenue")
@login_required("admin", "superadmin")
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, **shown.section("revenue"))
def show_revenue(query: dict[str, Any]) -> dict[str, Any]:
    """Show what people paid, by day"""
    return platform.section("revenue", query["period"])


@blueprint.get("/dashboard/users")
@login_required("admin", "superadmin")
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, **shown.section("users"))
def show_users(query: dict[str, Any]) -> dict[str, Any]:
    """Show who came, by day"""
    return platform.section("users", query["period"])


@blueprint.get("/dashboard/gifting")
@login_required("admin", "superadmin")
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, **shown.section("gifting"))
def show_gifting(query: dict[str, Any]) -> dict[str, Any]:
    """Show what was given, by day"""
    return platform.section("gifting", query["period"])


@blueprint.get("/dashboard/livestreams")
@login_required("admin", "superadmin")
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, **shown.section("livestreams"))
def show_livestreams(query: dict[str, Any]) -> dict[str, Any]:
    """Show what was streamed, by day"""
    return platform.section("livestreams", query["period"])


@blueprint.get("/content")
@login_required("admin", "superadmin")
@blueprint.returns(200, **shown.POSTS)
def show_posts() -> dict[str, Any]:
    """Show what everybody's posts add up to

    Up to five minutes old.
    """
    return platform.posts()


@blueprint.get("/storage")
@login_required("admin", "superadmin")
@blueprint.returns(200, **shown.STORAGE)
def show_storage() -> dict[str, Any]:
    """Show how much is stored

    Files that people uploaded, by kind, in bytes. Up to five minutes old.
    """
    return platform.storage()


@blueprint.get("/advanced")
@login_required("admin", "superadmin")
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, **shown.ADVANCED)
def show_advanced(query: dict[str, Any]) -> dict[str, Any]:
    """Show growth, types of posts, creators, revenue and devices of a period"""
    return platform.advanced(query["period"])


@blueprint.get("/trends")
@login_required("admin", "superadmin")
@blueprint.takes(TrendQuery)
@blueprint.returns(200, **shown.TREND)
def show_trend(query: dict[str, Any]) -> dict[str, Any]:
    """Show where a metric is going

    The mean of the later half of the days is held against that of the earlier half.
    """
    return platform.trend(query["metric"], query["days"])


@blueprint.get("/segments")
@login_required("admin", "superadmin")
@blueprint.returns(200, **shown.SEGMENTS)
def show_segments() -> dict[str, Any]:
    """Show how many people are in which segment

    By how lately, how often and for how much in the last 90 days: `champions` have 9 points or more of 12, `loyal` 7,
    `potential` 5, `at_risk` 3; others are `new` in their first week, else `inactive`. Up to five minutes old.
    """
    return platform.segments()


@blueprint.get("/realtime")
@login_required("admin", "superadmin")
@blueprint.returns(200, **shown.REALTIME)
def show_present() -> dict[str, Any]:
    """Show what happened in the last 15 minutes

    Some seconds old.
    """
    return present.now()


@blueprint.get("/events/stats")
@login_required("admin", "superadmin")
@blueprint.takes(EventsQuery)
@blueprint.returns(200, stats=fields.List(fields.Nested(shown.FiguresEventsDay), required=True))
def count_events(query: dict[str, Any]) -> dict[str, Any]:
    """Count events by day

    Of one kind, or of all.
    """
    return {"stats": present.by_day(query["period"], query.get("eventType"))}


@blueprint.get("/users/<id:user_id>")
@login_required("admin", "superadmin")
@blueprint.takes(PeriodQuery)
@blueprint.returns(200, **personal.INSIGHTS)
@blueprint.refuses(404)
def show_person(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """Show somebody's figures, their value and their segment"""
    return creators.insights(user_id, query["period"])


@blueprint.get("/export")
@login_required("admin", "superadmin")
@blueprint.takes(ExportQuery)
@blueprint.doc(responses=FILES)
def export(query: dict[str, Any]) -> Response:
    """Export figures or events

    As JSON or CSV, in the order of time; each export is in the audit log.
    """
    form = query["format"]
    file = exporting.export(query["type"], form, query["period"], current_viewer())
    response = Response(stream_with_context(file), mimetype="text/csv" if form == CSV else "application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{query["type"]}.{form}"'
    response.headers["Cache-Control"] = "no-store"
    return response


SUCCESSOR = "/api/analytics/overview"
blueprint.add_deprecated_alias("/dashboard/overview", overview, successor=SUCCESSOR, methods=["GET"])
metrics.add_deprecated_alias("/overview", overview, successor=SUCCESSOR, methods=["GET"], tags=["analytics"])
