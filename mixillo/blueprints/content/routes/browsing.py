"""Finding posts."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.content.models import Like, Save
from mixillo.blueprints.content.queries import browsing
from mixillo.blueprints.content.routes.blueprint import blueprint
from mixillo.blueprints.content.schemas.asked import ContentsQuery, OwnContentsQuery, SavedQuery
from mixillo.blueprints.content.schemas.shown import ContentSchema
from mixillo.blueprints.content.services import parsing, viewing
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import current_viewer, login_required, optional_login, viewer

CONTENTS = fields.List(fields.Nested(ContentSchema), required=True)
CONTENT = fields.Nested(ContentSchema, required=True)
PAGINATION = fields.Nested(PaginationSchema, required=True)


@blueprint.get("")
@optional_login
@blueprint.takes(ContentsQuery)
@blueprint.returns(200, content=CONTENTS, pagination=PAGINATION)
def list_contents(query: dict[str, Any]) -> dict[str, Any]:
    """List posts

    The latest first, or those with the most views. Posts that the viewer may not see are left out. `total` may be half
    a minute old, and is counted up to 10,000.
    """
    found, pagination = browsing.everybodys(query, viewer())
    return {"content": found, "pagination": pagination}


@blueprint.get("/mine")
@login_required()
@blueprint.takes(OwnContentsQuery)
@blueprint.returns(200, content=CONTENTS, pagination=PAGINATION)
def list_own(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own posts

    Of every status, drafts too, the newest first. `isDeleted=true` lists what can be restored.
    """
    found, pagination = browsing.own(current_viewer(), query)
    return {"content": found, "pagination": pagination}


@blueprint.get("/scheduled")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, content=CONTENTS, pagination=PAGINATION)
def list_scheduled(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own posts that wait for their time

    The next first.
    """
    found, pagination = browsing.scheduled(current_viewer(), query)
    return {"content": found, "pagination": pagination}


@blueprint.get("/saved")
@login_required()
@blueprint.takes(SavedQuery)
@blueprint.returns(200, content=CONTENTS, pagination=PAGINATION)
def list_saved(query: dict[str, Any]) -> dict[str, Any]:
    """List what one has saved

    The latest first; `collection` narrows it down.
    """
    found, pagination = browsing.marked(Save, current_viewer(), query)
    return {"content": found, "pagination": pagination}


@blueprint.get("/liked")
@login_required()
@blueprint.takes(PageQuery)
@blueprint.returns(200, content=CONTENTS, pagination=PAGINATION)
def list_liked(query: dict[str, Any]) -> dict[str, Any]:
    """List what one likes

    The latest first.
    """
    found, pagination = browsing.marked(Like, current_viewer(), query)
    return {"content": found, "pagination": pagination}


@blueprint.get("/hashtag/<hashtag>")
@optional_login
@blueprint.takes(PageQuery)
@blueprint.returns(200, content=CONTENTS, pagination=PAGINATION)
def list_tagged(query: dict[str, Any], hashtag: str) -> dict[str, Any]:
    """List the posts with a hashtag

    The latest first; in any case, with or without `#`.
    """
    found, pagination = browsing.tagged(parsing.spelled(hashtag), query, viewer())
    return {"content": found, "pagination": pagination}


@blueprint.get("/user/<id:user_id>")
@optional_login
@blueprint.takes(PageQuery)
@blueprint.returns(200, content=CONTENTS, pagination=PAGINATION)
@blueprint.refuses(404)
def list_of_user(query: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """List what somebody has posted

    The latest first, as far as the viewer may see it. 403 where a private profile does not open to the viewer.
    """
    found, pagination = browsing.of_user(user_id, query, viewer())
    return {"content": found, "pagination": pagination}


@blueprint.get("/<id:content_id>")
@optional_login
@blueprint.returns(200, content=CONTENT)
@blueprint.refuses(404)
def show_content(content_id: ObjectId) -> dict[str, Any]:
    """Show a post

    404 also for what the viewer may not see. Looking at it counts once per person and day, some seconds later.
    """
    shown = browsing.show(content_id, viewer())
    viewing.note(shown, viewer())
    return {"content": shown}
