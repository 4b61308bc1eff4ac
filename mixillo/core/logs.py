"""Logs: one JSON line per record in the form that Cloud Logging reads."""

import logging
import re
import sys
import time
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict

from mixillo.config import Settings
from mixillo.core import clock

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
HEADER = "X-Request-Id"
SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|api_?key|credential", re.I)
SECRET_VALUES = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JSON web token
    r"|(?<=://)[^/@\s:]*:[^/@\s]+(?=@)"  # user and password in a URL
    r"|\$(?:argon2\w*|2[aby])\$\S+"  # a password hash
    r"|(?<=[?&])(?:token|key|code)=[^&\s\"]+",
    re.I,
)
REDACTED = "[redacted]"


def configure(level: str = "INFO") -> None:
    """Send every record of this process to the standard error stream as JSON lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            cloud_logging,
            redact,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Give every request its id, and log it when it is answered."""
    revision = settings.revision or None

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        offered = request.headers.get(HEADER, "")
        g.request_id = offered if REQUEST_ID.fullmatch(offered) else clock.random_token(12)

    @app.after_request
    def finish(response: Response) -> Response:
        # A request that is refused before `begin` (a malformed id in the path) has no id yet.
        response.headers[HEADER] = g.setdefault("request_id", clock.random_token(12))
        if settings.access_log:
            write_line(_record(response, settings, revision))
        return response


def write_line(record: dict[str, Any]) -> None:
    """Write one record, past structlog: what it costs is paid by every request."""
    sys.stderr.write(orjson.dumps(record, default=str).decode() + "\n")


def _record(response: Response, settings: Settings, revision: str | None) -> dict[str, Any]:
    """Return the line of a request; the query string is left out, it may hold anything."""
    viewer = g.get("viewer")
    status = response.status_code
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    record: dict[str, Any] = {
        "severity": "ERROR" if status >= 500 else "INFO",
        "message": "request",
        "time": clock.timestamp(clock.now()),
        "httpRequest": {
            "requestMethod": request.method,
            "requestUrl": SECRET_VALUES.sub(REDACTED, request.path),
            "status": status,
            "responseSize": str(response.content_length or 0),
            "userAgent": SECRET_VALUES.sub(REDACTED, request.headers.get("User-Agent", "")[:200]),
            "remoteIp": request.remote_addr,
            "latency": f"{seconds:.6f}s",
        },
        "requestId": g.request_id,
        "userId": str(viewer.id) if viewer else None,
        "revision": revision,
    }
    if settings.google_project:
        trace, _, _ = request.headers.get("X-Cloud-Trace-Context", "").partition("/")
        if re.fullmatch(r"[0-9a-f]{32}", trace):
            record["logging.googleapis.com/trace"] = f"projects/{settings.google_project}/traces/{trace}"
    return record


def cloud_logging(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Name the fields as Cloud Logging does: severity, message, time."""
    event["severity"] = event.pop("level", "info").upper()
    event["message"] = event.pop("event", "")
    event["time"] = clock.timestamp(clock.now())
    return event


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Blank whatever looks like a secret, by name and by form, at any depth."""
    return {name: _redacted(name, value) for name, value in event.items()}


def _redacted(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _redacted(str(key), nested) for key, nested in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(name, nested) for nested in value]
    if SECRET_NAMES.search(name) and value is not None:
        return REDACTED
    return SECRET_VALUES.sub(REDACTED, value) if isinstance(value, str) else value


def _dumps(event: EventDict, **_keywords: Any) -> str:
    return orjson.dumps(event, default=str).decode()
