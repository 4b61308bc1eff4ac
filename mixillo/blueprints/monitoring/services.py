"""Who may read the counters, and whose check results are believed."""

import hmac
from typing import Any

from werkzeug.datastructures import Headers

from mixillo.config import Settings
from mixillo.core.db import ops_database
from mixillo.errors import NotFound, Unauthorized
from mixillo.ops.metrics.exposition import exposition
from mixillo.ops.metrics.recording import Recorder
from mixillo.ops.metrics.sockets import Sampler
from mixillo.ops.revisions import name_of
from mixillo.ops.uptime import checks

BEARER = "Bearer "


def prometheus(settings: Settings, recorder: Recorder, sampler: Sampler, authorization: str) -> str:
    """Return the counts of this process in Prometheus' text form.

    :raises NotFound: no token is configured.
    :raises Unauthorized: the caller does not know it.
    """
    if not settings.metrics_token:
        raise NotFound
    offered = authorization.removeprefix(BEARER) if authorization.startswith(BEARER) else ""
    if not hmac.compare_digest(offered.encode(), settings.metrics_token.encode()):
        raise Unauthorized("Send the token: `Authorization: Bearer …`.", headers={"WWW-Authenticate": "Bearer"})
    return exposition(recorder.totals(), name_of(settings), sampler)


def verify(settings: Settings, headers: Headers, body: bytes) -> str:
    """Return the signature of a checker's post.

    :raises NotFound: no secret is configured.
    :raises BadSignature: it was not made with the secret, or not now.
    """
    if not settings.checker_secret:
        raise NotFound
    stamp, signature = headers.get(checks.TIMESTAMP, ""), headers.get(checks.SIGNATURE, "")
    return checks.verify(settings.checker_secret, stamp, signature, body)


def accept(signature: str, posted: dict[str, Any]) -> int:
    """Store the results of a verified post, and return how many.

    :raises Replayed: it was accepted before.
    :raises ValidationFailed: a result is from the future, or too old to matter.
    """
    return checks.accept(ops_database(), signature, posted["checker"], posted["results"])
