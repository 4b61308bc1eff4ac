"""The Infrastructure page: what this process is, where it runs and how long it waits for whom."""

import os
from dataclasses import dataclass
from datetime import timedelta

from flask import request

from mixillo.blueprints.dashboard.services import operators, sessions
from mixillo.config import Settings
from mixillo.core.db import POOL_SIZE, REQUEST_TIMEOUT_MS
from mixillo.extensions import socketio
from mixillo.ops import machine, revisions
from mixillo.version import VERSION


@dataclass(frozen=True)
class Fact:
    """One line: a name, what it is, and what that means if the name does not tell."""

    name: str
    text: str
    hint: str = ""


def service(settings: Settings) -> list[Fact]:
    """Return what Cloud Run, or whoever runs us, calls this process."""
    return [
        Fact("Service", settings.service or "not named", "" if settings.service else "K_SERVICE is not set"),
        Fact(
            "Revision",
            revisions.name_of(settings),
            "" if settings.revision else "Version and commit: K_REVISION is not set",
        ),
        Fact("Version", VERSION),
        Fact("Region", settings.region or "not named", "" if settings.region else "MIXILLO_REGION is not set"),
        Fact("Environment", settings.environment),
        Fact("Address", settings.base_url),
        Fact("Port", str(settings.port)),
    ]


def process(settings: Settings) -> list[Fact]:
    """Return what this process is made of."""
    return [
        Fact("Worker", settings.worker, "How requests and sockets share the process"),
        Fact("Server", request.environ.get("SERVER_SOFTWARE", "unknown")),
        Fact("Process", str(os.getpid())),
        Fact("System", machine.system()),
        Fact("Events between instances", "Redis" if settings.redis_url else "none: one instance works alone"),
        Fact("Trusted proxies", str(settings.proxies)),
    ]


def patience(settings: Settings) -> list[tuple[str, timedelta, str]]:
    """Return how long we wait, as name, span and what happens then."""
    sockets = socketio.server.eio
    return [
        ("Database operation", timedelta(milliseconds=REQUEST_TIMEOUT_MS), "then the request is answered with 503"),
        ("Socket ping", timedelta(seconds=sockets.ping_interval), "one is sent after this long"),
        ("Socket pong", timedelta(seconds=sockets.ping_timeout), "without one the socket is closed"),
        ("Access token", timedelta(minutes=settings.access_token_minutes), "then it is refreshed"),
        ("Refresh token", timedelta(days=settings.refresh_token_days), "then the user signs in again"),
        ("Operator, idle", sessions.IDLE, "then the dashboard signs out"),
        ("Operator, in any case", sessions.ABSOLUTE, "then the dashboard signs out"),
        ("Set-up link", operators.LINK_LIFETIME, "then it is useless"),
    ]


def limits(settings: Settings) -> list[Fact]:
    """Return how much is let in."""
    return [
        Fact("Requests", settings.rate_limit, "Per user, or per address when nobody is signed in"),
        Fact("Request body", f"{settings.max_body_bytes:,} bytes"),
        Fact("Socket message", f"{socketio.server.eio.max_http_buffer_size:,} bytes"),
        Fact("Database connections", str(POOL_SIZE)),
    ]
