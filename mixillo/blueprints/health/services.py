"""Liveness without asking anybody, and a database check that really asks."""

import time
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.db import client, database, seems_connected
from mixillo.ops import revisions
from mixillo.version import VERSION

PING_SECONDS = 2.0
STARTED = time.monotonic()
MEMBER_STATES = {True: "primary", False: "secondary"}


def liveness(settings: Settings) -> dict[str, Any]:
    """Return that this process answers, and since when; asks nobody else.

    ``mongodb.connected`` is what the driver's monitor saw last; :func:`database_health` asks now.
    """
    return {
        "status": "ok",
        "message": "Mixillo is running",
        "timestamp": clock.now(),
        "environment": settings.environment,
        "version": VERSION,
        "revision": revisions.name_of(settings),
        "uptime": round(time.monotonic() - STARTED, 3),
        "database": "MongoDB",
        "mongodb": {"connected": seems_connected(), "database": database().name},
    }


def database_health() -> dict[str, Any]:
    """Ping the database within ``PING_SECONDS`` and return what it says of itself.

    Shape: ``status`` (``ok`` or ``error``), ``database`` (name), ``connected``, ``message``, ``latencyMs``,
    ``version``, ``replicaSet`` (``name``, ``state``), ``checkedAt``.
    """
    report: dict[str, Any] = {"database": database().name, "checkedAt": clock.now()}
    started = time.perf_counter()
    try:
        with pymongo.timeout(PING_SECONDS):
            hello = client().admin.command("hello")
            latency = time.perf_counter() - started
            version = client().server_info()["version"]
    except PyMongoError as error:
        return report | {
            "status": "error",
            "connected": False,
            "message": f"The database does not answer ({type(error).__name__}).",
            "latencyMs": None,
            "version": None,
            "replicaSet": None,
        }
    replica_set = None
    if "setName" in hello:
        replica_set = {"name": hello["setName"], "state": MEMBER_STATES[hello["isWritablePrimary"]]}
    return report | {
        "status": "ok",
        "connected": True,
        "message": "MongoDB is connected",
        "latencyMs": round(latency * 1000, 2),
        "version": version,
        "replicaSet": replica_set,
    }
