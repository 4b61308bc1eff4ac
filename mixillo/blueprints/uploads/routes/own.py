"""One's own uploads, and what may be sent."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.uploads.queries import uploads
from mixillo.blueprints.uploads.routes.blueprint import UPLOAD, blueprint, config, shown
from mixillo.blueprints.uploads.schemas import UploadSchema, UploadsQuery
from mixillo.blueprints.uploads.services import removing
from mixillo.blueprints.uploads.services.kinds import KINDS
from mixillo.blueprints.uploads.services.starting import direct_limit, limit, settings
from mixillo.core.api import Reply
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import current_viewer, login_required, public


@blueprint.get("")
@login_required()
@blueprint.takes(UploadsQuery)
@blueprint.returns(
    200,
    uploads=fields.List(fields.Nested(UploadSchema), required=True),
    pagination=fields.Nested(PaginationSchema, required=True),
)
def list_uploads(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own uploads

    The newest first; `status` narrows it down.
    """
    found, pagination = uploads.page(current_viewer().id, query, settings().base_url)
    return {"uploads": found, "pagination": pagination}


@blueprint.get("/<id:upload_id>")
@login_required()
@blueprint.returns(200, upload=UPLOAD)
@blueprint.refuses(404)
def show_upload(upload_id: ObjectId) -> dict[str, Any]:
    """Show an upload of one's own

    How much of it has arrived; its address and the sizes of its pictures once it is `completed`.
    """
    return {"upload": shown(current_viewer().id, upload_id)}


@blueprint.delete("/<id:upload_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def delete_upload(upload_id: ObjectId) -> Reply:
    """Remove an upload of one's own

    What is finished goes within two hours, unless a post or something else still shows it.
    """
    removing.remove(current_viewer().id, upload_id)
    return Reply({}, "Upload removed")


@config.get("/upload")
@public
@config.returns(
    200,
    maxFileSize=fields.Integer(required=True, metadata={"description": "Bytes."}),
    maxDirectSize=fields.Integer(required=True, metadata={"description": "Bytes in one request, and of a picture."}),
    contentTypes=fields.List(fields.String(), required=True),
    resumable=fields.Dict(required=True, metadata={"description": "The tus protocol: where, and which version."}),
)
def show_limits() -> dict[str, Any]:
    """Show what may be sent

    Types by content, and sizes.
    """
    return {
        "maxFileSize": limit(settings()),
        "maxDirectSize": direct_limit(settings()),
        "contentTypes": [kind.content_type for kind in KINDS],
        "resumable": {"protocol": "tus", "version": "1.0.0", "path": "/api/uploads/resumable"},
    }
