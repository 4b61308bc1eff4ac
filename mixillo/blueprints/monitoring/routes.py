"""GET /metrics, POST /api/ops/checks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint as PageBlueprint
from flask import Response, current_app, g, request
from marshmallow import fields

from mixillo.blueprints.monitoring import services
from mixillo.blueprints.monitoring.schemas import ChecksSchema
from mixillo.core.api import Blueprint
from mixillo.core.security import public
from mixillo.ops.metrics import recorder_of, sampler_of
from mixillo.ops.metrics.exposition import CONTENT_TYPE
from mixillo.ops.uptime import checks

blueprint = Blueprint("monitoring", __name__, description="What uptime checkers outside tell")
pages = PageBlueprint("metrics", __name__)

EXAMPLE = {
    "checker": "europe-west1",
    "results": [{"at": "2026-01-31T12:00:00Z", "up": True, "status": 200, "ms": 41.2}],
}

# Without an example: nobody but the checker can make one.
SIGNATURE = [
    {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
    for name in (checks.TIMESTAMP, checks.SIGNATURE)
]


def signed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Look at the signature before the body is even parsed; remember it for the view."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        body = request.get_data(cache=True)
        g.check_signature = services.verify(current_app.config["SETTINGS"], request.headers, body)
        return view(*args, **kwargs)

    return guarded


@pages.get("/metrics")
@public
def metrics() -> Response:
    """The counts of this process, for Prometheus."""
    counted = recorder_of(current_app), sampler_of(current_app)
    text = services.prometheus(current_app.config["SETTINGS"], *counted, request.headers.get("Authorization", ""))
    return Response(text, content_type=CONTENT_TYPE)


@blueprint.post("/api/ops/checks")
@public
@signed
@blueprint.accepts(ChecksSchema, example=EXAMPLE)
@blueprint.doc(parameters=SIGNATURE)
@blueprint.returns(202, accepted=fields.Integer(required=True))
@blueprint.refuses(401, 404, 409)
def post_checks(body: dict[str, Any]) -> dict[str, Any]:
    """Tell what an uptime checker saw

    Signed: `X-Mixillo-Timestamp` (seconds since 1970, at most 300 away from now) and `X-Mixillo-Signature`
    (`sha256=` and the HMAC-SHA256 over timestamp, a dot and the body). 404 unless a secret is configured. A post
    is accepted once; results may be up to 30 days old, so that a checker tells later what it could not deliver.
    """
    return {"accepted": services.accept(g.check_signature, body)}
