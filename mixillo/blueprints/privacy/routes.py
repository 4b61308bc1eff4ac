"""/api/privacy: one's own data, all of it or none."""

from typing import Any

from bson import ObjectId
from flask import Response, stream_with_context
from marshmallow import fields

from mixillo.blueprints.privacy.schemas import DeleteSchema, DeletionSchema, ExportSchema
from mixillo.blueprints.privacy.services import exporting, scheduling
from mixillo.core.api import Blueprint, Reply
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import current_viewer, login_required

blueprint = Blueprint("privacy", __name__, url_prefix="/api/privacy", description="One's own data: export and deletion")
EXPORT = fields.Nested(ExportSchema, required=True)
DELETION = fields.Nested(DeletionSchema, required=True)
FILE = {
    "200": {
        "description": "The file",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@blueprint.post("/exports")
@login_required()
@rate_limited("privacy", "10/hour")
@blueprint.returns(202, export=EXPORT)
def request_export() -> Reply:
    """Ask for one's own data

    They are collected in the background. One that is on its way, or waits to be downloaded, is answered with instead of
    a new one.
    """
    export = exporting.request(current_viewer().id)
    return Reply({"export": export}, "It is being collected", location=f"/api/privacy/exports/{export['_id']}")


@blueprint.get("/exports")
@login_required()
@blueprint.returns(200, exports=fields.List(EXPORT, required=True))
def list_exports() -> dict[str, Any]:
    """List one's exports

    The latest first.
    """
    return {"exports": exporting.listing(current_viewer().id)}


@blueprint.get("/exports/<id:export_id>")
@login_required()
@blueprint.returns(200, export=EXPORT)
@blueprint.refuses(404)
def show_export(export_id: ObjectId) -> dict[str, Any]:
    """Show whether an export is ready"""
    return {"export": exporting.find(current_viewer().id, export_id)}


@blueprint.post("/exports/<id:export_id>/download")
@login_required()
@blueprint.needs("an export that is ready")
@blueprint.doc(responses=FILE)
@blueprint.refuses(404, 409)
def download_export(export_id: ObjectId) -> Response:
    """Download an export, once

    A ZIP file of JSON files. It is gone afterwards, also when the download breaks off; ask for another one then.
    """
    file = exporting.take(current_viewer().id, export_id)
    response = Response(stream_with_context(file), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="mixillo-{export_id}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/deletion")
@login_required()
@blueprint.returns(200, deletion=DELETION)
def show_deletion() -> dict[str, Any]:
    """Show whether one's account is to be deleted"""
    return {"deletion": scheduling.state(current_viewer().id)}


@blueprint.post("/deletion")
@login_required()
@rate_limited("privacy", "10/hour")
@blueprint.needs("an account of which nothing is open")
@blueprint.accepts(DeleteSchema, example={"password": "correct horse battery"})
@blueprint.returns(202, deletion=DELETION)
@blueprint.refuses(409)
def request_deletion(body: dict[str, Any]) -> Reply:
    """Have one's account deleted

    In two weeks, until when it can be taken back. Orders, sales, payouts and a store that are still open stand in the
    way (`reasons`). What is left in wallets is lost. What the books and others need is kept without a name.
    """
    deletion = scheduling.schedule(current_viewer(), body["password"])
    return Reply({"deletion": deletion}, "Your account will be deleted")


@blueprint.delete("/deletion")
@login_required()
@blueprint.returns(200, deletion=DELETION)
def cancel_deletion() -> dict[str, Any]:
    """Keep one's account after all"""
    return {"deletion": scheduling.cancel(current_viewer().id)}
