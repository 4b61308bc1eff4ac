"""Files, as everybody sees them who knows their address."""

from flask import Response, g, redirect, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from mixillo.blueprints.uploads.routes.blueprint import files
from mixillo.blueprints.uploads.services import serving
from mixillo.blueprints.uploads.services.storage import Stored, storage
from mixillo.core.security import signed

FOR_EVER = "public, max-age=31536000, immutable"
BINARY = {"schema": {"type": "string", "format": "binary"}}
ANSWERS = {
    "200": {"description": "The file", "content": {"*/*": BINARY}},
    "206": {"description": "A part of it", "content": {"*/*": BINARY}},
    "302": {"description": "Where the bucket has it, for an hour"},
    "304": {"description": "The client has it"},
    "416": {"$ref": "#/components/responses/Problem416"},
}


def _known() -> None:
    """Look the file up; whoever knows its address does not count against the limit of theirs, and who guesses does."""
    g.media = serving.find((request.view_args or {})["name"])


@files.get("/<name>")
@signed(_known)
@files.doc(responses=ANSWERS)
@files.refuses(404)
@files.needs("a file whose address is known")
def show_file(name: str) -> Response:
    """Show a file

    The address is all it takes, and nobody can guess it. What is under it never changes: keep it for ever. `Range` asks
    for a part of it.
    """
    key, stored = g.media
    if key in request.if_none_match:
        return _headed(Response(status=304), key, stored)
    if elsewhere := storage().address_to_read(key, serving.VALID_SECONDS):
        answer: Response = redirect(elsewhere)  # type: ignore[assignment]
        answer.headers["Cache-Control"] = f"public, max-age={serving.TOLD_SECONDS}"
        return answer
    part = _part(key, stored)
    start, end = part or (0, stored.size)
    response = Response(storage().read(key, start, end), 206 if part else 200)
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    response.headers["Content-Length"] = str(end - start)
    return _headed(response, key, stored)


def _part(key: str, stored: Stored) -> tuple[int, int] | None:
    """Return the part that is asked for; of several parts, or of another file, all of it.

    :raises RequestedRangeNotSatisfiable: there is no such part.
    """
    asked, only_if = request.range, request.if_range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if only_if.date or (only_if.etag and only_if.etag != key):
        return None
    part: tuple[int, int] | None = asked.range_for_length(stored.size)
    if part is None:
        raise RequestedRangeNotSatisfiable(stored.size)
    return part


def _headed(response: Response, key: str, stored: Stored) -> Response:
    response.set_etag(key)
    response.headers.update(
        {
            "Accept-Ranges": "bytes",
            "Cache-Control": FOR_EVER,
            "Content-Type": stored.content_type,
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
    )
    return response
