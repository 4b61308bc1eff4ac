"""The database's server and our sockets, asked now."""

import time
from dataclasses import dataclass

import pymongo

from mixillo.core.db import client
from mixillo.core.realtime import CLIENTS, OPERATORS
from mixillo.extensions import socketio

PATIENCE_SECONDS = 2.0
STANDALONE = "standalone"


@dataclass(frozen=True)
class Server:
    """What the database's server says of itself, and how long it took to say so (milliseconds)."""

    latency_ms: float
    version: str
    address: str
    replica_set: str | None
    state: str
    members: int


@dataclass(frozen=True)
class Sockets:
    """Open sockets of this process: clients of the product, and operators on the dashboard."""

    clients: int
    operators: int


def ask_server() -> Server:
    """Ask the server who it is; waits for ``PATIENCE_SECONDS`` at most.

    :raises PyMongoError: it does not answer.
    """
    with pymongo.timeout(PATIENCE_SECONDS):
        started = time.perf_counter()
        hello = client().admin.command("hello")
        latency = (time.perf_counter() - started) * 1000
        version = str(client().server_info()["version"])
        host, port = client().address or ("", 0)
    state = "primary" if hello["isWritablePrimary"] else "secondary"
    return Server(
        latency_ms=latency,
        version=version,
        address=f"{host}:{port}",
        replica_set=hello.get("setName"),
        state=state if "setName" in hello else STANDALONE,
        members=len(hello.get("hosts", [])),
    )


def sockets() -> Sockets:
    """Count the open sockets of this process."""
    rooms = socketio.server.manager.rooms
    counts = [len(rooms.get(namespace, {}).get(None, {})) for namespace in (CLIENTS, OPERATORS)]
    return Sockets(*counts)
