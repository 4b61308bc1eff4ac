"""Large files in as many requests as it takes: the protocol tus 1.0.0 (tus.io), for which clients exist everywhere.

Its answers are its own, empty ones included: docs/decisions/0015.
"""

from functools import wraps
from typing import Any

from bson import ObjectId
from flask import Response, request

from mixillo.blueprints.uploads.models import COMPLETED, FAILED, PENDING, RESUMABLE
from mixillo.blueprints.uploads.queries import uploads
from mixillo.blueprints.uploads.routes.blueprint import UPLOAD, blueprint, shown, take_up_to
from mixillo.blueprints.uploads.schemas import CreationHeaders, OffsetHeaders
from mixillo.blueprints.uploads.services import finishing, receiving, removing
from mixillo.blueprints.uploads.services.errors import UploadGone
from mixillo.blueprints.uploads.services.starting import limit, settings, start
from mixillo.blueprints.uploads.services.writing import writing
from mixillo.core.api import Reply
from mixillo.core.idempotency import idempotent, operation_id
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import current_viewer, login_required
from mixillo.errors import AppError, UnsupportedMediaType

VERSION, EXTENSIONS = "1.0.0", "creation,termination,expiration"
PATH = "/resumable"
OFFSET, LENGTH, EXPIRES = "Upload-Offset", "Upload-Length", "Upload-Expires"
BYTES = "application/offset+octet-stream"
# The beginning of a sound.
BEGINNING = {"base64": "SUQzBAAAAAAAAA=="}
BODY = {
    "required": True,
    "content": {BYTES: {"schema": {"type": "string", "format": "binary"}, "x-example": BEGINNING}},
}
NOTHING = {"204": {"description": "No Content", "headers": {OFFSET: {"schema": {"type": "integer"}}}}}


class VersionNotSpoken(AppError):
    """The client wants another version of the protocol."""

    status, code, title = 412, "tus_version_not_supported", "This version of tus is not spoken here"


@blueprint.after_request
def say_version(response: Response) -> Response:
    """Say what tus wants to know, where it is spoken."""
    if request.path.startswith(f"{blueprint.url_prefix}{PATH}"):
        response.headers["Tus-Resumable"] = VERSION
        if request.method == "OPTIONS":
            response.headers |= {
                "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(limit(settings())),
            }  # fmt: skip
    return response


def speaks_tus(view: Any) -> Any:
    """Refuse clients of another version; one that names none is taken at its word."""

    @wraps(view)
    def spoken(*args: Any, **kwargs: Any) -> Any:
        if request.headers.get("Tus-Resumable", VERSION) != VERSION:
            raise VersionNotSpoken(f"Version {VERSION} is.", headers={"Tus-Version": VERSION})
        return view(*args, **kwargs)

    return spoken


@blueprint.post(PATH)
@login_required()
@rate_limited("uploads", "60/minute")
@speaks_tus
@idempotent
@blueprint.arguments(CreationHeaders, location="headers")
@blueprint.returns(201, upload=UPLOAD)
@blueprint.refuses(412, 413, 415)
def begin_resumable(announced: dict[str, Any]) -> Reply:
    """Begin a resumable upload

    tus 1.0.0: `Location` names it. Its bytes come by `PATCH`, in requests of any size; `HEAD` says how many are stored.
    An upload without news for a day is given up.
    """
    made = start(current_viewer(), RESUMABLE, upload_id=operation_id(), **announced)
    told = shown(current_viewer().id, made["_id"])
    return Reply({"upload": told}, location=f"{blueprint.url_prefix}{PATH}/{told['_id']}", headers=_state(made))


@blueprint.get(f"{PATH}/<id:upload_id>")
@login_required()
@speaks_tus
@blueprint.returns(200, upload=UPLOAD)
@blueprint.refuses(404, 410, 412)
def show_resumable(upload_id: ObjectId) -> Reply:
    """Show how far a resumable upload is

    `Upload-Offset` says how many bytes are stored.
    """
    found = uploads.own(current_viewer().id, upload_id)
    if found["status"] not in (PENDING, COMPLETED):
        raise UploadGone(found.get("error") if found["status"] == FAILED else None)
    return Reply({"upload": shown(current_viewer().id, upload_id)}, headers=_state(found))


@blueprint.patch(f"{PATH}/<id:upload_id>")
@login_required()
@speaks_tus
@blueprint.arguments(OffsetHeaders, location="headers")
@blueprint.doc(requestBody=BODY, responses=NOTHING)
@blueprint.refuses(404, 409, 412, 413, 415, 423)
def append(place: dict[str, Any], upload_id: ObjectId) -> Response:
    """Send bytes of a resumable upload

    Those from `Upload-Offset` on, as `application/offset+octet-stream`. With the last one the file is looked at, and
    refused where it is nothing that is taken. A connection that breaks loses nothing that has arrived.
    """
    with writing(upload_id, current_viewer().id) as upload:
        if request.mimetype != BYTES:
            raise UnsupportedMediaType(f"Send bytes as {BYTES}.")
        size = upload.document["fileSize"]
        take_up_to(max(0, size - place["offset"]))
        receiving.receive(upload, request.stream, offset=place["offset"], most=size)
        if upload.received == size:
            receiving.arrived(upload)
            finishing.finish(upload)
        return _nothing(upload.document)


@blueprint.delete(f"{PATH}/<id:upload_id>")
@login_required()
@speaks_tus
@blueprint.doc(responses=NOTHING)
@blueprint.refuses(404, 412)
def end_resumable(upload_id: ObjectId) -> Response:
    """Give a resumable upload up

    As `DELETE /api/uploads/{id}` does.
    """
    removing.remove(current_viewer().id, upload_id)
    return Response(status=204)


def _state(upload: dict[str, Any]) -> dict[str, str]:
    headers = {OFFSET: str(upload.get("received") or 0), LENGTH: str(upload["fileSize"])}
    if upload["status"] == PENDING:
        headers[EXPIRES] = f"{upload['expiresAt']:%a, %d %b %Y %H:%M:%S GMT}"
    return headers


def _nothing(upload: dict[str, Any]) -> Response:
    response = Response(status=204)
    response.headers.update(_state(upload))
    return response
