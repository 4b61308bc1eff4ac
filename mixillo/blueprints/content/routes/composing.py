"""Writing posts."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.routes.blueprint import blueprint
from mixillo.blueprints.content.routes.browsing import CONTENT
from mixillo.blueprints.content.schemas.given import ContentChangesSchema, NewContentSchema
from mixillo.blueprints.content.services import composing
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.security import current_viewer, login_required

POST = {
    "type": "video",
    "caption": "First firing of the year #pottery",
    "videoUrl": "https://cdn.example.com/firing.mp4",
    "thumbnailUrl": "https://cdn.example.com/firing.jpg",
    "duration": 24.5,
    "visibility": "public",
    "location": {"name": "Lisbon"},
}


@blueprint.post("")
@login_required()
@idempotent
@blueprint.accepts(NewContentSchema, example=POST)
@blueprint.returns(201, content=CONTENT, post=CONTENT)
def create_content(body: dict[str, Any]) -> Reply:
    """Write a post

    Hashtags and mentions are read from the caption. `status` `draft` keeps it for later; with `scheduledFor` it is
    published then, within a minute.
    """
    made = composing.create(current_viewer(), body, operation_id())
    return Reply({"content": made, "post": made}, "Posted", location=f"/api/content/{made['_id']}")


@blueprint.put("/<id:content_id>")
@blueprint.patch("/<id:content_id>")
@login_required()
@blueprint.accepts(ContentChangesSchema, example={"caption": "Second firing #pottery", "allowComments": False})
@blueprint.returns(200, content=CONTENT, post=CONTENT)
@blueprint.refuses(404, 409)
def change_content(body: dict[str, Any], content_id: ObjectId) -> Reply:
    """Change a post of one's own

    What is not sent stays as it is. `status` `published` publishes a draft at once, `archived` hides a post from
    everybody else.
    """
    made = composing.change(current_viewer(), content_id, body)
    return Reply({"content": made, "post": made}, "Post updated")


@blueprint.delete("/<id:content_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def delete_content(content_id: ObjectId) -> Reply:
    """Delete a post

    Its author can restore it. Administrators may delete anybody's.
    """
    composing.delete(current_viewer(), content_id)
    return Reply({}, "Post deleted")


@blueprint.post("/<id:content_id>/restore")
@login_required()
@blueprint.returns(200, content=CONTENT, post=CONTENT)
@blueprint.refuses(404)
@blueprint.needs("a deleted post")
def restore_content(content_id: ObjectId) -> Reply:
    """Bring a deleted post back

    With its likes, comments and saves.
    """
    made = composing.restore(current_viewer(), content_id)
    return Reply({"content": made, "post": made}, "Post restored")


@blueprint.delete("/scheduled/<id:content_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def delete_scheduled(content_id: ObjectId) -> Reply:
    """Delete a post that waits for its time

    As `DELETE /api/content/{id}` does.
    """
    composing.delete(current_viewer(), content_id)
    return Reply({}, "Post deleted")
