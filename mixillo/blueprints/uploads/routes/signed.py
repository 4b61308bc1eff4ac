"""Files to addresses that need no token, and saying that they have arrived."""

from typing import Any

from bson import ObjectId
from flask import request
from marshmallow import fields

from mixillo.blueprints.uploads.models import SIGNED
from mixillo.blueprints.uploads.routes.blueprint import UPLOAD, blueprint, shown, take_up_to
from mixillo.blueprints.uploads.schemas import AnnouncedSchema, ArrivedSchema, CompletedSchema, SignatureQuery
from mixillo.blueprints.uploads.services import finishing, receiving, signing
from mixillo.blueprints.uploads.services.errors import UploadNotOpen
from mixillo.blueprints.uploads.services.starting import charge, limit, settings, start
from mixillo.blueprints.uploads.services.writing import writing
from mixillo.core import clock
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.schemas import Timestamp
from mixillo.core.security import current_viewer, login_required
from mixillo.core.security import signed as signed_by

BODY = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
ANNOUNCED = {"filename": "firing.mp4", "contentType": "video/mp4", "fileSize": 52428800}


@blueprint.post("/presigned-url")
@login_required()
@rate_limited("uploads", "60/minute")
@idempotent
@blueprint.accepts(AnnouncedSchema, example=ANNOUNCED)
@blueprint.returns(
    201,
    session=UPLOAD,
    sessionId=fields.String(required=True),
    uploadId=fields.String(required=True, metadata={"description": "The same as `sessionId`."}),
    uploadUrl=fields.String(required=True),
    presignedUrl=fields.String(required=True, metadata={"description": "The same as `uploadUrl`."}),
    method=fields.String(required=True, metadata={"example": "PUT"}),
    headers=fields.Dict(required=True, metadata={"description": "To be sent with the file, exactly."}),
    expiresAt=Timestamp(required=True),
)
@blueprint.refuses(413, 415)
def presign(body: dict[str, Any]) -> Reply:
    """Ask for an address to send a large file to

    By `PUT`, within an hour, without a token: of the bucket where files are kept in one, else of ours. Then say that it
    has arrived: `POST /api/uploads/complete`.
    """
    made = start(
        current_viewer(), SIGNED, filename=body["filename"], content_type=body["contentType"], size=body["fileSize"],
        upload_id=operation_id(),
    )  # fmt: skip
    told = shown(current_viewer().id, made["_id"])
    address, until = signing.address_of(made)
    return Reply(
        {
            "session": told, "sessionId": told["_id"], "uploadId": told["_id"],
            "uploadUrl": address.url, "presignedUrl": address.url, "method": "PUT", "headers": address.headers,
            "expiresAt": clock.timestamp(until),
        },
        location=f"/api/uploads/{told['_id']}",
    )  # fmt: skip


def _by_its_address() -> None:
    query = request.args
    signing.verify((request.view_args or {})["upload_id"], query.get("expires", ""), query.get("signature", ""))


@blueprint.put("/<id:upload_id>/data")
@signed_by(_by_its_address)
@blueprint.takes(SignatureQuery)
@blueprint.doc(requestBody=BODY)
@blueprint.returns(200, received=fields.Integer(required=True))
@blueprint.refuses(403, 404, 409, 413, 415, 423)
@blueprint.needs("an address that was signed")
def put_data(_query: dict[str, Any], upload_id: ObjectId) -> dict[str, Any]:
    """Send a file to its signed address

    The whole of it; sending it again replaces it, until it is said to have arrived.
    """
    with writing(upload_id) as upload:
        if upload.document.get("arrivedAt"):
            raise UploadNotOpen("It has arrived already.")
        announced = upload.document["fileSize"]
        most = announced or limit(settings())
        take_up_to(most)
        receiving.restart(upload)
        receiving.receive(upload, request.stream, offset=0, most=most)
        if not announced:
            charge(upload.received)
        if upload.received and upload.received == (announced or upload.received):
            receiving.arrived(upload)
        return {"received": upload.received}


@blueprint.post("/complete")
@login_required()
@blueprint.accepts(CompletedSchema, example={"sessionId": "64b7f3a2c9e77a0012ab34cd"})
@blueprint.returns(200, upload=UPLOAD, session=UPLOAD)
@blueprint.refuses(404, 409, 413, 415, 423)
@blueprint.needs("a file that has arrived")
def complete_upload(body: dict[str, Any]) -> dict[str, Any]:
    """Say that a file has arrived

    It is looked at, and has an address from then on. Saying so again changes nothing. Whoever wants to post it says so
    in `POST /api/content`.
    """
    return _completed(body["sessionId"])


@blueprint.post("/<id:upload_id>/confirm")
@login_required()
@blueprint.accepts(ArrivedSchema, example={}, required=False)
@blueprint.returns(200, upload=UPLOAD, session=UPLOAD)
@blueprint.refuses(404, 409, 413, 415, 423)
@blueprint.needs("a file that has arrived")
def confirm_upload(_body: dict[str, Any], upload_id: ObjectId) -> dict[str, Any]:
    """Say that this file has arrived

    As `POST /api/uploads/complete` does.
    """
    return _completed(upload_id)


def _completed(upload_id: ObjectId) -> dict[str, Any]:
    finishing.complete(current_viewer().id, upload_id)
    told = shown(current_viewer().id, upload_id)
    return {"upload": told, "session": told}
