"""Changing, removing, liking and pinning comments."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.comments.routes.blueprint import blueprint
from mixillo.blueprints.comments.routes.reading import COMMENT
from mixillo.blueprints.comments.schemas.given import TextSchema
from mixillo.blueprints.comments.services import liking, pinning, writing
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent
from mixillo.core.security import current_viewer, login_required

YES_OR_NO = fields.Boolean(required=True)
COUNT = fields.Integer(required=True)


@blueprint.put("/<id:comment_id>")
@blueprint.patch("/<id:comment_id>")
@login_required()
@blueprint.accepts(TextSchema, example={"text": "What a glaze! How hot was it?"})
@blueprint.returns(200, comment=COMMENT)
@blueprint.refuses(404)
def change_comment(body: dict[str, Any], comment_id: ObjectId) -> Reply:
    """Change a comment of one's own

    Administrators may change anybody's. 403 `comment_refused` for words that are not welcome.
    """
    return Reply({"comment": writing.change(current_viewer(), comment_id, body["text"])}, "Comment updated")


@blueprint.delete("/<id:comment_id>")
@login_required()
@blueprint.returns(200, commentsCount=COUNT)
@blueprint.refuses(404)
def delete_comment(comment_id: ObjectId) -> Reply:
    """Remove a comment with its replies

    Its author may, the author of the post, and administrators.
    """
    return Reply({"commentsCount": writing.remove(current_viewer(), comment_id)}, "Comment removed")


@blueprint.post("/<id:comment_id>/like")
@login_required()
@idempotent
@blueprint.returns(200, isLiked=YES_OR_NO, likesCount=COUNT)
@blueprint.refuses(404)
def toggle_comment_like(comment_id: ObjectId) -> dict[str, Any]:
    """Like a comment, or stop

    Send an `Idempotency-Key`, so that repeating a lost request does not turn it round.
    """
    return liking.like(current_viewer(), comment_id)


@blueprint.delete("/<id:comment_id>/like")
@login_required()
@blueprint.returns(200, isLiked=YES_OR_NO, likesCount=COUNT)
@blueprint.refuses(404)
def unlike_comment(comment_id: ObjectId) -> dict[str, Any]:
    """Stop liking a comment

    Also fine when one did not.
    """
    return liking.like(current_viewer(), comment_id, wanted=False)


@blueprint.post("/<id:comment_id>/pin")
@login_required()
@blueprint.returns(200, comment=COMMENT)
@blueprint.refuses(404, 409)
def pin_comment(comment_id: ObjectId) -> Reply:
    """Pin a comment on a post of one's own

    It stands first, instead of the one that did; replies cannot be pinned.
    """
    return Reply({"comment": pinning.pin(current_viewer(), comment_id)}, "Comment pinned")


@blueprint.delete("/<id:comment_id>/pin")
@login_required()
@blueprint.returns(200, comment=COMMENT)
@blueprint.refuses(404)
def unpin_comment(comment_id: ObjectId) -> Reply:
    """Pin a comment no longer

    Also fine when it is not pinned.
    """
    return Reply({"comment": pinning.unpin(current_viewer(), comment_id)}, "Comment no longer pinned")


blueprint.add_deprecated_alias(
    "/mongodb/<id:comment_id>", delete_comment, successor="/api/comments/{comment_id}", methods=["DELETE"]
)
