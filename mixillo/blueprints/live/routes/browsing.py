"""Finding streams."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.live.queries import browsing, chat, sight
from mixillo.blueprints.live.routes.blueprint import blueprint
from mixillo.blueprints.live.schemas.asked import PublicStreamsQuery, StreamsQuery
from mixillo.blueprints.live.schemas.shown import (
    LiveLineSchema,
    LiveProviderSchema,
    LivestreamSchema,
    OwnLivestreamSchema,
)
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import current_viewer, login_required, optional_login, viewer

PAGINATION = fields.Nested(PaginationSchema, required=True)
LIVESTREAMS = fields.List(fields.Nested(LivestreamSchema), required=True)
OWN_LIVESTREAM = fields.Nested(OwnLivestreamSchema, required=True)


@blueprint.get("")
@optional_login
@blueprint.takes(PublicStreamsQuery)
@blueprint.returns(200, livestreams=LIVESTREAMS, pagination=PAGINATION)
def list_streams(query: dict[str, Any]) -> dict[str, Any]:
    """List streams

    On the air unless `status` says otherwise; the latest first. What is not for the viewer is left out of its page.
    """
    found, pagination = browsing.listed(query, viewer())
    return {"livestreams": found, "pagination": pagination}


@blueprint.get("/providers")
@login_required()
@blueprint.returns(200, providers=fields.List(fields.Nested(LiveProviderSchema), required=True))
def list_providers() -> dict[str, Any]:
    """List who carries media

    Those that are switched on, in the order they are to be tried; keys and secrets are nowhere in it.
    """
    return {"providers": browsing.providers()}


@blueprint.get("/scheduled")
@optional_login
@blueprint.takes(PageQuery)
@blueprint.returns(200, livestreams=LIVESTREAMS, pagination=PAGINATION)
def list_scheduled(query: dict[str, Any]) -> dict[str, Any]:
    """List what is announced

    The soonest first.
    """
    found, pagination = browsing.scheduled(query, viewer())
    return {"livestreams": found, "pagination": pagination}


@blueprint.get("/mine")
@login_required()
@blueprint.takes(StreamsQuery)
@blueprint.returns(
    200, livestreams=fields.List(fields.Nested(OwnLivestreamSchema), required=True), pagination=PAGINATION
)
def list_own(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own streams

    Of every state unless one is named, with their keys and figures; the latest first.
    """
    found, pagination = browsing.mine(current_viewer(), query)
    return {"livestreams": found, "pagination": pagination}


@blueprint.get("/<id:livestream_id>")
@optional_login
@blueprint.returns(200, livestream=OWN_LIVESTREAM)
@blueprint.refuses(404)
def show_stream(livestream_id: ObjectId) -> dict[str, Any]:
    """Show a stream

    With its key and figures to its host.
    """
    return {"livestream": browsing.one(livestream_id, viewer())}


@blueprint.get("/<id:livestream_id>/messages")
@optional_login
@blueprint.takes(PageQuery)
@blueprint.returns(200, messages=fields.List(fields.Nested(LiveLineSchema), required=True), pagination=PAGINATION)
@blueprint.refuses(404)
@blueprint.needs("a line, which is said over a socket")
def list_messages(query: dict[str, Any], livestream_id: ObjectId) -> dict[str, Any]:
    """List what was said

    The latest first, for those who come later; what is said from then on comes by `live:message`.
    """
    found, pagination = chat.of_stream(sight.find(livestream_id, viewer()), viewer(), query)
    return {"messages": found, "pagination": pagination}


blueprint.add_deprecated_alias("/livestreams", list_streams, successor="/api/live", methods=["GET"])
