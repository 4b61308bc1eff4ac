"""Comments below a post."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.comments.queries import threads
from mixillo.blueprints.comments.routes.blueprint import TAGS, below_posts
from mixillo.blueprints.comments.routes.reading import COMMENT, COMMENTS, PAGINATION
from mixillo.blueprints.comments.schemas.asked import ThreadQuery
from mixillo.blueprints.comments.schemas.given import NewCommentSchema
from mixillo.blueprints.comments.services import writing
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import current_viewer, login_required, optional_login, viewer

COUNT = fields.Integer(required=True)


@below_posts.get("/<id:content_id>/comments", tags=TAGS)
@optional_login
@below_posts.takes(ThreadQuery)
@below_posts.returns(200, comments=COMMENTS, pagination=PAGINATION)
@below_posts.refuses(404)
def list_comments_of_content(query: dict[str, Any], content_id: ObjectId) -> dict[str, Any]:
    """List the comments on a post

    Without their replies, the pinned one first; `sortBy=top` by their likes.
    """
    found, pagination = threads.of_post(content_id, query, viewer())
    return {"comments": found, "pagination": pagination}


@below_posts.post("/<id:content_id>/comments", tags=TAGS)
@login_required()
@rate_limited("comments", "60/minute")
@idempotent
@below_posts.accepts(NewCommentSchema, example={"text": "What a glaze, @ada!"})
@below_posts.returns(201, comment=COMMENT, commentsCount=COUNT)
@below_posts.refuses(404)
def create_comment(body: dict[str, Any], content_id: ObjectId) -> Reply:
    """Comment on a post

    Or answer a comment there (`parentId`); who answers a reply answers below the same comment. 403 `comments_closed`
    where the author takes no comments, or none of the viewer's; 403 `comment_refused` for words that are not welcome.
    With `isHidden` it waits for an administrator.
    """
    made = writing.write(current_viewer(), content_id, body["text"], body["parentId"], operation_id())
    return Reply(made, "Commented", location=f"/api/comments/{made['comment']['_id']}")


@below_posts.delete("/<id:content_id>/comments/<id:comment_id>", tags=TAGS)
@login_required()
@below_posts.returns(200, commentsCount=COUNT)
@below_posts.refuses(404)
def delete_comment_of_content(content_id: ObjectId, comment_id: ObjectId) -> Reply:
    """Remove a comment on a post

    As `DELETE /api/comments/{id}` does.
    """
    count = writing.remove(current_viewer(), comment_id, content_id)
    return Reply({"commentsCount": count}, "Comment removed")


below_posts.add_deprecated_alias(
    "/<id:content_id>/comment", create_comment, successor="/api/content/{content_id}/comments", methods=["POST"],
    tags=TAGS,
)  # fmt: skip
