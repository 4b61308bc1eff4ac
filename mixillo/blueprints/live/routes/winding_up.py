"""Ending a stream: the last in the document, so that whoever tries one after the other comes to it at the end."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.live.queries import browsing, sight
from mixillo.blueprints.live.queries.sight import ADMIN, HOST, StreamNotFound
from mixillo.blueprints.live.routes.blueprint import actor_of, blueprint
from mixillo.blueprints.live.routes.browsing import OWN_LIVESTREAM
from mixillo.blueprints.live.schemas.asked import LiveEndSchema
from mixillo.blueprints.live.services import hosting
from mixillo.core.security import current_viewer, login_required


@blueprint.post("/<id:livestream_id>/end")
@login_required()
@blueprint.accepts(LiveEndSchema, example={})
@blueprint.returns(200, livestream=OWN_LIVESTREAM)
@blueprint.refuses(404, 409)
def end_stream(body: dict[str, Any], livestream_id: ObjectId) -> dict[str, Any]:
    """End a stream

    One's own; administrators end anybody's, which is written down. The room hears `stream:ended`.
    """
    who = current_viewer()
    role = sight.role(sight.find(livestream_id, who), who)
    if role not in (HOST, ADMIN):
        raise StreamNotFound
    actor = actor_of(who) if role == ADMIN else None
    ended = hosting.end(
        livestream_id, body.get("reason") or (hosting.BY_ADMIN if actor else hosting.BY_HOST), actor=actor
    )
    return {"livestream": browsing.one(ended["_id"], who)}
