"""What administrators see of stories, and what is removed."""

from typing import Any

from marshmallow import fields

from mixillo.blueprints.stories.queries import showing
from mixillo.blueprints.stories.routes.blueprint import blueprint
from mixillo.blueprints.stories.routes.sharing import PAGINATION
from mixillo.blueprints.stories.schemas.given import StoriesQuery
from mixillo.blueprints.stories.schemas.shown import StorySchema
from mixillo.blueprints.stories.services import sweeping
from mixillo.core.schemas import BaseSchema
from mixillo.core.security import ADMINS, current_viewer, login_required

COUNT = fields.Integer(required=True)


class CleanupStatsSchema(BaseSchema):
    """How many stories there are."""

    total = fields.Integer(required=True)
    active = fields.Integer(required=True)
    expired = fields.Integer(required=True, metadata={"description": "Over, and not removed yet: nobody sees them."})
    totalViews = fields.Integer(required=True)


class CleanupResultsSchema(BaseSchema):
    """What was removed."""

    deletedStories = fields.Integer(required=True)
    deletedViews = fields.Integer(required=True)


@blueprint.get("/admin/all")
@login_required(*ADMINS)
@blueprint.takes(StoriesQuery)
@blueprint.returns(200, stories=fields.List(fields.Nested(StorySchema), required=True), pagination=PAGINATION)
def list_everybodys(query: dict[str, Any]) -> dict[str, Any]:
    """List everybody's stories

    The latest first, whoever they are for.
    """
    found, pagination = showing.everybodys(current_viewer(), query)
    return {"stories": found, "pagination": pagination}


@blueprint.get("/admin/cleanup/stats")
@login_required(*ADMINS)
@blueprint.returns(200, stats=fields.Nested(CleanupStatsSchema, required=True))
def show_cleanup() -> dict[str, Any]:
    """Count stories

    Those that last and those that wait to be removed.
    """
    return {"stats": sweeping.statistics()}


@blueprint.post("/admin/cleanup/trigger")
@login_required(*ADMINS)
@blueprint.returns(200, results=fields.Nested(CleanupResultsSchema, required=True))
def clean_up() -> dict[str, Any]:
    """Remove what is over now

    It is done every minute anyway.
    """
    return {"results": sweeping.sweep()}
