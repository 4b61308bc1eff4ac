"""Finding comments."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.comments.queries import sight, threads
from mixillo.blueprints.comments.routes.blueprint import blueprint
from mixillo.blueprints.comments.schemas.asked import CommentsQuery
from mixillo.blueprints.comments.schemas.shown import CommentSchema
from mixillo.core.schemas import PageQuery, PaginationSchema
from mixillo.core.security import optional_login, viewer

COMMENTS = fields.List(fields.Nested(CommentSchema), required=True)
COMMENT = fields.Nested(CommentSchema, required=True)
PAGINATION = fields.Nested(PaginationSchema, required=True)


@blueprint.get("")
@optional_login
@blueprint.takes(CommentsQuery)
@blueprint.returns(200, comments=COMMENTS, pagination=PAGINATION)
@blueprint.refuses(404)
def list_comments(query: dict[str, Any]) -> dict[str, Any]:
    """List comments

    Those on a post (`contentId`), without replies, the pinned one first; or those of a person (`userId`), or of all,
    with replies, the newest first. Of posts and people that the viewer may not see there is nothing.
    """
    if "contentId" in query:
        found, pagination = threads.of_post(query["contentId"], query, viewer())
    else:
        found, pagination = threads.latest(query, viewer())
    return {"comments": found, "pagination": pagination}


@blueprint.get("/<id:comment_id>")
@optional_login
@blueprint.returns(200, comment=COMMENT)
@blueprint.refuses(404)
def show_comment(comment_id: ObjectId) -> dict[str, Any]:
    """Show a comment

    404 also for what the viewer may not see.
    """
    return {"comment": sight.show(comment_id, viewer())}


@blueprint.get("/<id:comment_id>/replies")
@optional_login
@blueprint.takes(PageQuery)
@blueprint.returns(200, replies=COMMENTS, pagination=PAGINATION)
@blueprint.refuses(404)
def list_replies(query: dict[str, Any], comment_id: ObjectId) -> dict[str, Any]:
    """List the replies to a comment

    The oldest first.
    """
    found, pagination = threads.replies(comment_id, query, viewer())
    return {"replies": found, "pagination": pagination}


blueprint.add_deprecated_alias("/mongodb", list_comments, successor="/api/comments", methods=["GET"])
