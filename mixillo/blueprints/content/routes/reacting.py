"""Liking, saving, sharing and seeing posts."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.content.queries import browsing
from mixillo.blueprints.content.routes.blueprint import blueprint
from mixillo.blueprints.content.schemas.given import SaveSchema, ShareSchema, ViewSchema
from mixillo.blueprints.content.services import reacting, showing, viewing
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.security import current_viewer, login_required, optional_login, viewer

YES_OR_NO = fields.Boolean(required=True)
COUNT = fields.Integer(required=True)


@blueprint.post("/<id:content_id>/like")
@login_required()
@idempotent
@blueprint.returns(200, isLiked=YES_OR_NO, likesCount=COUNT)
@blueprint.refuses(404)
def toggle_like(content_id: ObjectId) -> dict[str, Any]:
    """Like a post, or stop

    Send an `Idempotency-Key`, so that repeating a lost request does not turn it round.
    """
    return reacting.like(current_viewer(), content_id)


@blueprint.delete("/<id:content_id>/like")
@login_required()
@blueprint.returns(200, isLiked=YES_OR_NO, likesCount=COUNT)
@blueprint.refuses(404)
def unlike(content_id: ObjectId) -> dict[str, Any]:
    """Stop liking a post

    Also fine when one did not.
    """
    return reacting.like(current_viewer(), content_id, wanted=False)


@blueprint.post("/<id:content_id>/save")
@login_required()
@idempotent
@blueprint.accepts(SaveSchema, example={"collection": "ideas"}, required=False)
@blueprint.returns(200, isSaved=YES_OR_NO, savesCount=COUNT)
@blueprint.refuses(404)
def save(body: dict[str, Any], content_id: ObjectId) -> dict[str, Any]:
    """Save a post

    Also fine when it is saved already.
    """
    return reacting.save(current_viewer(), content_id, True, body["collection"])


@blueprint.delete("/<id:content_id>/save")
@login_required()
@blueprint.returns(200, isSaved=YES_OR_NO, savesCount=COUNT)
@blueprint.refuses(404)
def unsave(content_id: ObjectId) -> dict[str, Any]:
    """Forget a saved post

    Also fine when it is not saved.
    """
    return reacting.save(current_viewer(), content_id, False)


@blueprint.post("/<id:content_id>/share")
@login_required()
@idempotent
@blueprint.accepts(ShareSchema, example={"platform": "copy_link"}, required=False)
@blueprint.returns(200, sharesCount=COUNT)
@blueprint.refuses(404)
def share(body: dict[str, Any], content_id: ObjectId) -> Reply:
    """Say that one passed a post on

    Each time counts; send an `Idempotency-Key` to repeat a lost request.
    """
    return Reply({"sharesCount": reacting.share(current_viewer(), content_id, body["platform"], operation_id())})


@blueprint.post("/<id:content_id>/view")
@optional_login
@blueprint.accepts(ViewSchema, example={"watchTime": 12.5, "completionRate": 0.5, "device": "ios"}, required=False)
@blueprint.returns(200, viewsCount=COUNT)
@blueprint.refuses(404)
def view(body: dict[str, Any], content_id: ObjectId) -> dict[str, Any]:
    """Say that one saw a post

    Counts once per person and day, some seconds later.
    """
    content = browsing.find(content_id, viewer())
    viewing.note(content, viewer(), body)
    return {"viewsCount": content.get("viewsCount") or 0}


@blueprint.post("/<id:content_id>/not-interested")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def dislike(content_id: ObjectId) -> Reply:
    """Keep a post out of one's feed

    Others of its creator come later in it.
    """
    showing.not_interested(current_viewer(), content_id)
    return Reply({}, "You will see less like this")


@blueprint.delete("/<id:content_id>/not-interested")
@login_required()
@blueprint.returns(200)
def stop_disliking(content_id: ObjectId) -> Reply:
    """Let a post into one's feed again

    Also fine when it was never kept out.
    """
    showing.interested(current_viewer(), content_id)
    return Reply({}, "It may come up again")


@blueprint.get("/<id:content_id>/interactions")
@optional_login
@blueprint.returns(
    200, isLiked=YES_OR_NO, isSaved=YES_OR_NO, isFollowing=YES_OR_NO, viewsCount=COUNT, likesCount=COUNT,
    commentsCount=COUNT, sharesCount=COUNT, savesCount=COUNT,
)  # fmt: skip
@blueprint.refuses(404)
def show_interactions(content_id: ObjectId) -> dict[str, Any]:
    """Show what is done with a post

    And how the viewer stands to it.
    """
    shown = browsing.show(content_id, viewer())
    names = (
        "isLiked",
        "isSaved",
        "isFollowing",
        "viewsCount",
        "likesCount",
        "commentsCount",
        "sharesCount",
        "savesCount",
    )
    return {name: shown[name] for name in names}
