"""Real Socket.IO clients against the application behind a real server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import socketio
from engineio.payload import Payload
from werkzeug.serving import make_server

from mixillo import create_app
from mixillo.config import Settings
from mixillo.core.realtime.delivery import MOST_REPLAYED
from tests.waiting import wait_until

ANYTHING, RESET = "*", "room:reset"
PLACE = ("room", "seq")
# What a client that polls has missed comes in one answer, of which Python's reads sixteen events unless told otherwise.
Payload.max_decode_packets = MOST_REPLAYED + 100


class Socket:
    """A client's socket, and what it was told: ``heard`` as pairs of event and payload, numbers and rooms included."""

    def __init__(
        self, url: str, auth: Any = None, headers: dict[str, str] | None = None, transport: str = "websocket"
    ) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.refusals: list[Any] = []
        self.client = socketio.Client(reconnection=False)
        # By itself it takes each message in a thread of its own, and what came first may be taken second.
        take = self.client.eio._trigger_event
        self.client.eio._trigger_event = lambda *told, run_async=False, **more: take(*told, run_async=False, **more)
        self.client.on("connect_error", self.refusals.append)
        self.client.on(ANYTHING, lambda event, payload: self.heard.append((event, payload)))
        self.client.connect(url, auth=auth, headers=headers or {}, transports=[transport], wait=False)
        wait_until(lambda: self.is_open or self.refusals)

    def told(self, event: str) -> list[Any]:
        """Return the payloads of ``event`` so far, without the place in their room."""
        return [{k: v for k, v in payload.items() if k not in PLACE} for name, payload in self.heard if name == event]

    def numbers(self, room: str) -> list[int]:
        """Return the numbers of what it was told in ``room``, as they came."""
        return [payload["seq"] for name, payload in list(self.heard) if name != RESET and payload.get("room") == room]

    def ask(self, event: Any, *data: Any) -> Any:
        """Send an event and return its acknowledgement."""
        return self.client.call(event, data if len(data) != 1 else data[0], timeout=10)

    def close(self) -> None:
        """Close the connection without the three seconds that a polite good-bye waits."""
        engine = self.client.eio
        if engine.ws:  # open, or ended by the server, which leaves it to us
            engine.ws.close(timeout=0)
        if engine.state == "connected":
            engine.disconnect()

    @property
    def is_open(self) -> bool:
        return "/" in self.client.namespaces


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Yield the address of a real server; with an application of its own, as sockets belong to the one made last."""
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
