"""The error tree and its one renderer: RFC 9457 problem details for the API, pages for the browser.

Features raise subclasses of :class:`AppError`; nothing else decides how an error looks.
"""

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, render_template, request
from pymongo.errors import AutoReconnect, PyMongoError
from werkzeug.exceptions import HTTPException

log = structlog.get_logger(__name__)
PROBLEM_TYPE = "application/problem+json"
HTML_PATHS = "/ops"


class AppError(Exception):
    """A failure that the client is told about.

    ``status`` and ``code`` are stable parts of the contract; ``title`` names the kind of failure and
    ``detail`` says what happened this time. ``errors`` lists invalid fields, ``extensions`` are further
    members of the problem object.
    """

    status = 500
    code = "internal_error"
    title = "Something went wrong"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = errors
        self.headers = headers or {}
        self.extensions = extensions


class MalformedRequest(AppError):
    """The request cannot be read at all."""

    status, code, title = 400, "malformed_request", "The request cannot be read"


class ValidationFailed(AppError):
    """One or more fields are invalid; all of them are listed in ``errors``."""

    status, code, title = 400, "validation_failed", "Validation failed"

    @classmethod
    def of(cls, field: str, message: str) -> "ValidationFailed":
        """Return the error of a single field."""
        return cls(f"{field}: {message}", errors=[field_error([field], message)])


class Unauthorized(AppError):
    """The caller is not signed in, or the token is of no use; ``code`` says why."""

    status, code, title = 401, "NO_TOKEN", "Sign in to continue"


class Forbidden(AppError):
    """The caller is known and may not do this."""

    status, code, title = 403, "forbidden", "Not allowed"


class NotFound(AppError):
    """There is no such thing, or it is another user's private one."""

    status, code, title = 404, "not_found", "Not found"


class MethodNotAllowed(AppError):
    """The path does not take this method; ``Allow`` names those that it takes."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"


class Conflict(AppError):
    """The request is right but does not fit the present state."""

    status, code, title = 409, "conflict", "Conflict"


class BodyTooLarge(AppError):
    """The body is larger than this endpoint reads."""

    status, code, title = 413, "body_too_large", "The body is too large"


class RangeNotSatisfiable(AppError):
    """The file has no such part; ``Content-Range`` says how long it is."""

    status, code, title = 416, "range_not_satisfiable", "There is no such part"


class UnsupportedMediaType(AppError):
    """The body is of a type this endpoint does not read."""

    status, code, title = 415, "unsupported_media_type", "Unsupported media type"


class TooManyRequests(AppError):
    """A limit is reached; ``Retry-After`` says when to come back."""

    status, code, title = 429, "rate_limited", "Too many requests"


class ServiceUnavailable(AppError):
    """A dependency is down; the same request may succeed later."""

    status, code, title = 503, "service_unavailable", "The service is not available right now"

    def __init__(self, detail: str | None = None, **keywords: Any) -> None:
        keywords.setdefault("headers", {"Retry-After": "5"})
        super().__init__(detail, **keywords)


# What Werkzeug's own exceptions become. Their type leads to an explanation, and their code outlives the phrases of
# HTTP, which Python has changed already.
KINDS = {
    kind.status: kind
    for kind in (MalformedRequest, NotFound, MethodNotAllowed, BodyTooLarge, RangeNotSatisfiable, UnsupportedMediaType)
}


def problem_types() -> dict[str, type[AppError]]:
    """Return every kind of error by the last part of its ``type``."""
    kinds: list[type[AppError]] = [AppError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return {slug(kind.code): kind for kind in reversed(kinds)}


def slug(code: str) -> str:
    """Return ``code`` as it stands in a problem's ``type``."""
    return code.lower().replace("_", "-")


def field_error(path: list[str | int], message: str) -> dict[str, str]:
    """Return one entry of ``errors``: the field's dotted name, its JSON pointer and what is wrong."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return {
        "field": ".".join(str(part) for part in path),
        "pointer": "".join(f"/{part}" for part in escaped),
        "message": message,
    }


def problem(error: AppError) -> dict[str, Any]:
    """Return the problem object of ``error`` for the current request."""
    body: dict[str, Any] = {
        "type": f"/problems/{slug(error.code)}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": request.path,
        "code": error.code,
        "requestId": g.get("request_id"),
        "success": False,
        "message": error.detail,
    }
    if error.errors:
        body["errors"] = error.errors
    return body | error.extensions


def render(error: AppError) -> Response:
    """Answer ``error`` as a page to a browser on an HTML path, as a problem object to everybody else."""
    if request.path == HTML_PATHS or request.path.startswith(f"{HTML_PATHS}/"):
        response = Response(render_template("error.html", error=error), error.status, mimetype="text/html")
    else:
        body = orjson.dumps(problem(error), option=orjson.OPT_NON_STR_KEYS)
        response = Response(body, error.status, mimetype=PROBLEM_TYPE)
    response.headers.update(error.headers)
    if error.status >= 400:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def from_http_exception(exception: HTTPException) -> AppError:
    """Translate one of Werkzeug's own exceptions (404 of the router, 405, 413 …)."""
    status = exception.code or 500
    kind = getattr(exception, "kind", None) or KINDS.get(status)
    error = (kind or AppError)(None if status >= 500 else exception.description)
    if kind is None:
        phrase = HTTPStatus(status).phrase
        error.status, error.code, error.title = status, phrase.lower().replace(" ", "_"), phrase
    if status == 404:
        error.detail = f"There is nothing at {request.method} {request.path}."
    error.headers = {
        name: value
        for name, value in exception.get_headers()
        if name in ("Allow", "Retry-After", "WWW-Authenticate", "Content-Range")
    }
    return error


def init_app(app: Flask) -> None:
    """Make :func:`render` the answer to every error of ``app``."""

    @app.errorhandler(AppError)
    def app_error(error: AppError) -> Response:
        return render(error)

    @app.errorhandler(HTTPException)
    def http_exception(exception: HTTPException) -> Response:
        if exception.response is not None or (exception.code or 500) < 400:
            return exception.get_response()  # type: ignore[return-value]  # a redirect of the router
        return render(from_http_exception(exception))

    @app.errorhandler(PyMongoError)
    def database_error(exception: PyMongoError) -> Response:
        # The label is on the answers of a server that is shutting down; the driver has tried twice.
        away = isinstance(exception, AutoReconnect) or exception.has_error_label("RetryableWriteError")
        if away or exception.timeout:
            log.warning("database_unavailable", error=type(exception).__name__)
            return render(ServiceUnavailable("The database does not answer right now."))
        return unexpected(exception)

    @app.errorhandler(Exception)
    def unexpected(exception: Exception) -> Response:
        log.error("unhandled_exception", exc_info=exception)
        return render(AppError("An unexpected error happened; the request id finds it in the log."))
