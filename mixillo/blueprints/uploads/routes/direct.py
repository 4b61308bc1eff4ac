"""Files in one request."""

from typing import Any

from bson import ObjectId
from flask import request
from marshmallow import fields
from werkzeug.datastructures import FileStorage

from mixillo.blueprints.uploads.models import DIRECT
from mixillo.blueprints.uploads.routes.blueprint import UPLOAD, blueprint, older, shown, take_up_to
from mixillo.blueprints.uploads.services import finishing, receiving
from mixillo.blueprints.uploads.services.starting import direct_limit, settings, start
from mixillo.blueprints.uploads.services.writing import writing
from mixillo.core.api import Reply
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import Viewer, current_viewer, login_required
from mixillo.errors import ValidationFailed

NAMES = ("file", "video", "image", "avatar")
FORM_BYTES = 64 * 1024
NAME_LENGTH = 255
# A picture of sixteen brown pixels.
PICTURE = {
    "field": "file",
    "filename": "clay.png",
    "base64": "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAFElEQVR42mPcEqXBAANMDE"
    "gANwcAPhwBPpLuxvcAAAAASUVORK5CYII=",
}
BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "format": "binary", "description": "Also `video`, `image`, `avatar`."},
                    "type": {"type": "string", "description": "Of no consequence: the content says what it is."},
                },
            },
            "x-example": PICTURE,
        }
    },
}


@blueprint.post("/direct")
@login_required()
@rate_limited("uploads", "60/minute")
@blueprint.doc(requestBody=BODY)
@blueprint.returns(201, upload=UPLOAD, url=fields.String(required=True), thumbnailUrl=fields.String(allow_none=True))
@blueprint.refuses(400, 413, 415, 423)
def upload_directly() -> Reply:
    """Send a small file in one request

    As a form with the file in `file`. What it is shows in its content: pictures (JPEG, PNG, GIF, WebP, AVIF) are made
    anew in a few sizes, without what the camera wrote into them; videos (MP4, QuickTime, WebM) and sounds (MP3, M4A)
    are kept, but for the place they were made at.
    """
    made = shown(current_viewer().id, take_file(current_viewer()))
    told = {"upload": made, "url": made["url"], "thumbnailUrl": made["thumbnailUrl"]}
    return Reply(told, "Uploaded", location=f"/api/uploads/{made['_id']}")


def take_file(owner: Viewer) -> ObjectId:
    """Take the file of this request's form and return the id of its finished upload.

    :raises ValidationFailed: there is no file in it, or more than one.
    """
    most = direct_limit(settings())
    take_up_to(most + FORM_BYTES)
    file = _only_file()
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    if not size:
        raise ValidationFailed.of("file", "It is empty.")
    announced = start(owner, DIRECT, filename=_printable(file.filename), size=size)
    with writing(announced["_id"]) as upload:
        receiving.receive(upload, file.stream, offset=0, most=most)
        receiving.arrived(upload)
        finishing.finish(upload)
    return ObjectId(announced["_id"])


def _only_file() -> FileStorage:
    sent = [(name, file) for name, each in request.files.lists() for file in each]
    if len(sent) != 1 or sent[0][0] not in NAMES:
        raise ValidationFailed.of("file", f"Send one file, as {' or '.join(NAMES)} of a form.")
    return sent[0][1]


def _printable(name: str | None) -> str:
    """Return a file's name as text to be shown; nothing is ever stored under it."""
    return "".join(each for each in name or "" if each.isprintable()).strip()[:NAME_LENGTH] or "upload"


def _alias(path: str) -> Any:
    return older.add_deprecated_alias(path, upload_directly, successor="/api/uploads/direct", methods=["POST"])


for path in ("", "/story", "/thumbnail"):
    _alias(path)
