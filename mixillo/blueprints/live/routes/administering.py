"""What administrators see of streams and do with them; a stream is named by its id or its business id."""

from typing import Any

from mixillo.blueprints.live.queries import browsing as streams
from mixillo.blueprints.live.queries import overview
from mixillo.blueprints.live.routes.blueprint import actor_of, administration
from mixillo.blueprints.live.routes.browsing import LIVESTREAMS, OWN_LIVESTREAM, PAGINATION
from mixillo.blueprints.live.schemas.asked import AdminStreamsQuery, LiveEndSchema, LiveFeatureSchema
from mixillo.blueprints.live.schemas.shown import LiveStatisticsSchema
from mixillo.blueprints.live.services import administering
from mixillo.core.api import Reply
from mixillo.core.security import ADMINS, current_viewer, login_required


@administration.get("/admin/all")
@login_required(*ADMINS)
@administration.takes(AdminStreamsQuery)
@administration.returns(200, streams=LIVESTREAMS, pagination=PAGINATION)
def list_everything(query: dict[str, Any]) -> dict[str, Any]:
    """List all streams

    The latest first; `search` is an id, a business id or the beginning of the host's name.
    """
    found, pagination = overview.everything(query)
    return {"streams": found, "pagination": pagination}


@administration.get("/admin/stats")
@login_required(*ADMINS)
@administration.returns(200, **LiveStatisticsSchema().fields)
def show_statistics() -> dict[str, Any]:
    """Count streams

    By state, who watches now, and the coins that were given in them.
    """
    return overview.statistics()


@administration.post("/admin/<stream_id>/end")
@login_required(*ADMINS)
@administration.accepts(LiveEndSchema, example={"reason": "Against the rules"})
@administration.returns(200, livestream=OWN_LIVESTREAM)
@administration.refuses(404, 409)
def end_somebodys(body: dict[str, Any], stream_id: str) -> Reply:
    """End somebody's stream

    The room hears `stream:ended` with the reason.
    """
    admin = current_viewer()
    return Reply(
        {"livestream": streams.shown(administering.end(actor_of(admin), stream_id, body.get("reason")), admin)}, "Ended"
    )


@administration.put("/admin/<stream_id>/feature")
@login_required(*ADMINS)
@administration.accepts(LiveFeatureSchema, example={"featured": True})
@administration.returns(200, livestream=OWN_LIVESTREAM)
@administration.refuses(404)
def feature_stream(body: dict[str, Any], stream_id: str) -> dict[str, Any]:
    """Put a stream forward

    Or no more.
    """
    admin = current_viewer()
    return {"livestream": streams.shown(administering.feature(actor_of(admin), stream_id, body["featured"]), admin)}


@administration.delete("/admin/<stream_id>")
@login_required(*ADMINS)
@administration.returns(200)
@administration.refuses(404)
def delete_stream(stream_id: str) -> Reply:
    """Remove a stream

    With what was said in it. One in which gifts were given stays as a bare record that only administrators see.
    """
    administering.delete(actor_of(current_viewer()), stream_id)
    return Reply({}, "Removed")
