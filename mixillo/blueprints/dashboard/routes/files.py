"""GET /ops/assets/:digest/:name."""

from flask import Response, request

from mixillo.blueprints.dashboard import assets
from mixillo.blueprints.dashboard.access import open_file
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.errors import NotFound

FOR_EVER = "public, max-age=31536000, immutable"


@blueprint.get("/assets/<digest>/<path:name>")
@open_file
def asset_file(digest: str, name: str) -> Response:
    """Return one of the dashboard's files, compressed if the browser reads that."""
    if name not in assets.FILES:
        raise NotFound("There is no such file.")
    found = assets.load(name)
    compressed = "gzip" in request.accept_encodings
    response = Response(found.compressed if compressed else found.raw, mimetype=found.mimetype)
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    # Another revision's page may ask this one: what it gets is not what its URL names.
    response.headers["Cache-Control"] = FOR_EVER if digest == found.digest else "no-cache"
    return response
