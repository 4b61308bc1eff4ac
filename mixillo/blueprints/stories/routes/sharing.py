"""Showing something, and seeing it."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.stories.queries import showing
from mixillo.blueprints.stories.routes.blueprint import blueprint
from mixillo.blueprints.stories.schemas.given import NewStorySchema
from mixillo.blueprints.stories.schemas.shown import StoryGroupSchema, StorySchema, StoryViewerSchema
from mixillo.blueprints.stories.services import sharing, viewing
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import current_viewer, login_required, optional_login, viewer

STORY = fields.Nested(StorySchema, required=True)
STORIES = fields.List(fields.Nested(StoryGroupSchema), required=True)
PAGINATION = fields.Nested(PaginationSchema, required=True)
SHOWN = {
    "type": "image",
    "mediaUrl": "https://cdn.example.com/kiln.jpg",
    "caption": "Kiln is open",
    "duration": 5,
    "visibility": "friends",
}


@blueprint.get("")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, stories=STORIES, pagination=PAGINATION)
def list_stories(query: dict[str, Any]) -> dict[str, Any]:
    """Show who tells something today

    Oneself and whom one follows, by person: oneself first, then who has something new, then who was seen already.
    """
    found, pagination = showing.tray(current_viewer(), query)
    return {"stories": found, "pagination": pagination}


@blueprint.post("")
@login_required()
@rate_limited("stories", "60/minute")
@idempotent
@blueprint.accepts(NewStorySchema, example=SHOWN)
@blueprint.returns(201, story=STORY)
def create_story(body: dict[str, Any]) -> Reply:
    """Show something for 24 hours

    To everybody who sees one's profile, to `friends` (who follow each other), to `close` friends, or `private`, to
    `allowedUsers` alone.
    """
    made = sharing.share(current_viewer(), body, operation_id())
    return Reply({"story": made}, "Shown until tomorrow", location=f"/api/stories/{made['_id']}")


@blueprint.get("/mine")
@login_required()
@blueprint.returns(200, stories=fields.List(fields.Nested(StorySchema), required=True))
def list_own() -> dict[str, Any]:
    """List what one shows oneself

    The oldest first.
    """
    found = showing.of_user(current_viewer().id, current_viewer())
    return {"stories": found["stories"] if found else []}


@blueprint.get("/user/<id:user_id>")
@optional_login
@blueprint.returns(200, stories=STORIES)
@blueprint.refuses(404)
def list_of_user(user_id: ObjectId) -> dict[str, Any]:
    """Show what one person tells today

    One group, or none. 403 where a private profile does not open to the viewer.
    """
    found = showing.of_user(user_id, viewer())
    return {"stories": [found] if found else []}


@blueprint.get("/<id:story_id>")
@login_required()
@blueprint.returns(200, story=STORY)
@blueprint.refuses(404)
def show_story(story_id: ObjectId) -> dict[str, Any]:
    """Show a story

    404 also when it is over, or for others.
    """
    return {"story": showing.one(story_id, current_viewer())}


@blueprint.post("/<id:story_id>/view")
@login_required()
@blueprint.returns(200, viewsCount=fields.Integer(required=True))
@blueprint.refuses(404)
def view_story(story_id: ObjectId) -> dict[str, Any]:
    """Say that one has seen a story

    Counts once per person; one's own looks do not count.
    """
    return {"viewsCount": viewing.view(current_viewer(), story_id)}


@blueprint.get("/<id:story_id>/viewers")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, viewers=fields.List(fields.Nested(StoryViewerSchema), required=True), pagination=PAGINATION)
@blueprint.refuses(404)
def list_viewers(query: dict[str, Any], story_id: ObjectId) -> dict[str, Any]:
    """List who has seen a story of one's own

    The latest first.
    """
    found, pagination = showing.viewers(story_id, current_viewer(), query)
    return {"viewers": found, "pagination": pagination}


@blueprint.delete("/<id:story_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def delete_story(story_id: ObjectId) -> Reply:
    """Delete a story of one's own

    Administrators may delete anybody's. What one keeps of it on one's page stays.
    """
    sharing.take_back(current_viewer(), story_id)
    return Reply({}, "Story deleted")
