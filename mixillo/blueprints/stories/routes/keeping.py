"""Highlights and close friends."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.stories.queries import keeping as kept
from mixillo.blueprints.stories.routes.blueprint import blueprint
from mixillo.blueprints.stories.schemas.given import CloseFriendSchema, HighlightChangesSchema, NewHighlightSchema
from mixillo.blueprints.stories.schemas.shown import HighlightSchema
from mixillo.blueprints.stories.services import keeping
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.schemas import PageQuery, PaginationSchema, UserSummary
from mixillo.core.security import current_viewer, login_required, optional_login, viewer

HIGHLIGHT = fields.Nested(HighlightSchema, required=True)
HIGHLIGHTS = fields.List(fields.Nested(HighlightSchema), required=True)
PAGINATION = fields.Nested(PaginationSchema, required=True)
KEPT = {"title": "Firings", "storyIds": ["64b7f3a2c9e77a0012ab34cd"]}


@blueprint.get("/highlights")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, highlights=HIGHLIGHTS, pagination=PAGINATION)
def list_own_highlights(query: dict[str, Any]) -> dict[str, Any]:
    """List what one keeps on one's page

    The latest first.
    """
    found, pagination = kept.of_user(current_viewer().id, current_viewer(), query)
    return {"highlights": found, "pagination": pagination}


@blueprint.post("/highlights")
@login_required()
@idempotent
@blueprint.accepts(NewHighlightSchema, example=KEPT)
@blueprint.returns(201, highlight=HIGHLIGHT)
def create_highlight(body: dict[str, Any]) -> Reply:
    """Keep stories on one's page

    They must last still; for whom they were they stay.
    """
    made = keeping.keep(current_viewer(), body["title"], body["storyIds"], body.get("coverUrl"), operation_id())
    return Reply({"highlight": made}, "Kept", location=f"/api/stories/highlights/{made['_id']}")


@blueprint.get("/highlights/user/<id:user_id>")
@optional_login
@blueprint.takes(PageQuery)
@blueprint.returns(200, highlights=HIGHLIGHTS, pagination=PAGINATION)
@blueprint.refuses(404)
def list_highlights(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """List what somebody keeps on their page

    As far as the viewer may see it. 403 where a private profile does not open to the viewer.
    """
    found, pagination = kept.of_user(user_id, viewer(), query)
    return {"highlights": found, "pagination": pagination}


@blueprint.get("/highlights/<id:highlight_id>")
@login_required()
@blueprint.returns(200, highlight=HIGHLIGHT)
@blueprint.refuses(404)
def show_highlight(highlight_id: ObjectId) -> dict[str, Any]:
    """Show a highlight of one's own

    With all that it holds.
    """
    return {"highlight": kept.own(highlight_id, current_viewer())}


@blueprint.put("/highlights/<id:highlight_id>")
@blueprint.patch("/highlights/<id:highlight_id>")
@login_required()
@blueprint.accepts(HighlightChangesSchema, example={"title": "Glazes"})
@blueprint.returns(200, highlight=HIGHLIGHT)
@blueprint.refuses(404, 409)
def change_highlight(body: dict[str, Any], highlight_id: ObjectId) -> Reply:
    """Change a highlight of one's own

    What is not sent stays as it is.
    """
    return Reply({"highlight": keeping.change(current_viewer(), highlight_id, body)}, "Highlight updated")


@blueprint.delete("/highlights/<id:highlight_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def delete_highlight(highlight_id: ObjectId) -> Reply:
    """Take a highlight from one's page

    Stories that last go on lasting.
    """
    keeping.forget(current_viewer(), highlight_id)
    return Reply({}, "Highlight deleted")


@blueprint.get("/close-friends")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, friends=fields.List(fields.Nested(UserSummary), required=True), pagination=PAGINATION)
def list_close_friends(query: dict[str, Any]) -> dict[str, Any]:
    """List one's close friends

    The latest first; nobody else learns of them.
    """
    found, pagination = kept.close_friends(current_viewer().id, query)
    return {"friends": found, "pagination": pagination}


@blueprint.post("/close-friends")
@login_required()
@blueprint.accepts(CloseFriendSchema, example={"userId": "64b7f3a2c9e77a0012ab34cd"})
@blueprint.returns(201, friend=fields.Nested(UserSummary, required=True))
@blueprint.refuses(404, 409)
def add_close_friend(body: dict[str, Any]) -> Reply:
    """Take somebody among one's close friends

    They see what is for these from now on, and are not told why. Also fine when they are there already.
    """
    return Reply({"friend": keeping.befriend(current_viewer(), body["userId"])}, "A close friend")


@blueprint.delete("/close-friends/<id:friend_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def remove_close_friend(friend_id: ObjectId) -> Reply:
    """Take somebody out of one's close friends

    They see no more of what is for these.
    """
    keeping.unfriend(current_viewer(), friend_id)
    return Reply({}, "No close friend any more")
