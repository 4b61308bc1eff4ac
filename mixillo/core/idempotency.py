"""``Idempotency-Key``: a repeated request has one effect, and its answer is replayed byte for byte."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from bson import Binary, ObjectId
from flask import Response, current_app, g, make_response, request
from pymongo.errors import DuplicateKeyError

from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.core.security import current_viewer
from mixillo.errors import AppError, Conflict, MalformedRequest

COLLECTION = "idempotencykeys"
HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT = timedelta(hours=24)
# A worker that dies in mid-request leaves its reservation behind; after this long another may take over.
ABANDONED_AFTER = timedelta(seconds=60)
MAXIMUM_LENGTH = 255
KEPT_HEADERS = ("Content-Type", "Location")
View = TypeVar("View", bound=Callable[..., Any])


class KeyReused(AppError):
    """The key belongs to a request with another body."""

    status, code, title = 422, "idempotency_key_reused", "The key was used for another request"


class KeyInUse(Conflict):
    """The first request with this key has not been answered yet."""

    code, title = "idempotency_key_in_use", "The first request with this key is still running"


def idempotent(view: View) -> View:
    """Honour ``Idempotency-Key`` on ``view``, which must need a signed-in user.

    Only answers below 500 that had an effect are kept: a request that fails validation leaves nothing
    behind and may be corrected under the same key.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        if not 0 < len(key) <= MAXIMUM_LENGTH or not key.isprintable():
            raise MalformedRequest(f"{HEADER} must have 1 to {MAXIMUM_LENGTH} printable characters.")
        record_id, fingerprint = _record_id(key), _fingerprint()
        g.operation_id = ObjectId(record_id[:24])
        if kept := _reserve(record_id, fingerprint):
            return _replay(kept)
        try:
            response = make_response(view(*args, **kwargs))
        except BaseException:
            _collection().delete_one({"_id": record_id, "state": "running"})
            raise
        _keep(record_id, response)
        return response

    guarded._apidoc = getattr(view, "_apidoc", {})  # type: ignore[attr-defined]
    guarded.idempotent = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def operation_id() -> ObjectId:
    """Return the id of what this request does: the same whenever it is repeated under its key, else a new one.

    A worker that dies between the commit and the kept answer leaves a key that is free again after a while; what
    moves money is stored under this id, which is unique, so that the repetition finds it instead of doing it again.
    """
    return g.get("operation_id") or ObjectId()


def _collection() -> Any:
    return ops_database()[COLLECTION]


def _record_id(key: str) -> str:
    """Return the record's id: a key belongs to one user and one operation."""
    parts = (str(current_viewer().id), request.method, request.url_rule.rule if request.url_rule else "", key)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _fingerprint() -> str:
    return hashlib.sha256(request.path.encode() + b"\0" + request.get_data(cache=True)).hexdigest()


def _reserve(record_id: str, fingerprint: str) -> dict[str, Any] | None:
    """Take the key, or return the answer that is kept under it.

    :raises KeyReused: it was used with another body.
    :raises KeyInUse: its first request is still running.
    """
    now = clock.now()
    fresh = {"fingerprint": fingerprint, "state": "running", "startedAt": now, "expiresAt": now + KEPT}
    try:
        _collection().insert_one({"_id": record_id} | fresh)
    except DuplicateKeyError:
        return _existing(record_id, fingerprint, fresh)
    return None


def _existing(record_id: str, fingerprint: str, fresh: dict[str, Any]) -> dict[str, Any] | None:
    kept = _collection().find_one({"_id": record_id})
    if kept is None:
        raise KeyInUse(headers={"Retry-After": "1"})
    if kept["fingerprint"] != fingerprint:
        raise KeyReused(f"This {HEADER} belongs to a request with another body.")
    if kept["state"] == "done":
        return kept
    abandoned = {"_id": record_id, "state": "running", "startedAt": {"$lt": fresh["startedAt"] - ABANDONED_AFTER}}
    if _collection().update_one(abandoned, {"$set": fresh}).modified_count:
        return None
    raise KeyInUse(headers={"Retry-After": "1"})


def _keep(record_id: str, response: Response) -> None:
    if response.status_code >= 400:
        _collection().delete_one({"_id": record_id})
        return
    answer = {
        "state": "done",
        "status": response.status_code,
        "body": Binary(response.get_data()),
        "headers": {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
    }
    _collection().update_one({"_id": record_id}, {"$set": answer})


def _replay(kept: dict[str, Any]) -> Response:
    response = current_app.response_class(bytes(kept["body"]), kept["status"])
    response.headers.update(kept["headers"])
    response.headers[REPLAYED] = "true"
    return response
