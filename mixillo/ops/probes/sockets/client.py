"""A Socket.IO client for judging servers: whatever they do, it ends in time, and says why."""

import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
import socketio
from socketio.exceptions import SocketIOError

from mixillo.ops.probes.http import USER_AGENT, NoAnswer

Payload = Any
POLLING_FIRST, WEBSOCKET = ("polling", "websocket"), ("websocket",)
EVERYTHING = "*"


class Refused(Exception):
    """The server did not let the socket in; ``code`` is what it said of why."""

    def __init__(self, told: Any) -> None:
        data = told.get("data") if isinstance(told, dict) and isinstance(told.get("data"), dict) else told
        self.code = str(data.get("code", "")) if isinstance(data, dict) else ""
        super().__init__(self.code or "without a code")


class Socket:
    """One connection, and what was heard on it as pairs of event and payload, in order."""

    def __init__(
        self, base_url: str, token: str | None, *, seconds: float, transports: tuple[str, ...], offsets: Any = None
    ) -> None:
        """Connect.

        :raises Refused: it was not let in.
        :raises NoAnswer: nothing usable came within ``seconds``.
        """
        self.heard: list[tuple[str, Payload]] = []
        self._seconds = seconds
        self._refusals: list[Any] = []
        self._news = threading.Condition()
        session = requests.Session()
        session.trust_env = False  # no proxy of the machine's stands between
        self._client = socketio.Client(
            reconnection=False,
            handle_sigint=False,
            http_session=session,
            request_timeout=seconds,
            websocket_extra_options={"timeout": seconds},
        )
        self._client.on("connect_error", self._refused)
        self._client.on(EVERYTHING, self._hear)
        auth = {} if token is None else {"token": token}
        self._open(base_url, auth | ({} if offsets is None else {"offsets": offsets}), transports)

    @property
    def is_open(self) -> bool:
        """Whether the server has let it in and not cut it since."""
        return "/" in self._client.namespaces

    @property
    def transport(self) -> str:
        """What carries it now: ``polling`` or ``websocket``."""
        return str(self._client.eio.current_transport)

    def ask(self, event: str, data: Any) -> Any:
        """Send an event and return its acknowledgement.

        :raises NoAnswer: none came in time.
        """
        try:
            return self._client.call(event, data, timeout=self._seconds)
        except SocketIOError as error:
            raise NoAnswer(f"{event} was not acknowledged within {self._seconds:g} s") from error

    def hear(self, event: str, wanted: Callable[[Payload], bool] = lambda _payload: True) -> Payload:
        """Return the first payload of ``event`` that is wanted, waiting for it.

        :raises NoAnswer: none came in time.
        """

        def found() -> list[Payload]:
            return [payload for name, payload in self.heard if name == event and wanted(payload)]

        if not self.wait(lambda: bool(found())):
            raise NoAnswer(f"{event} was not heard within {self._seconds:g} s")
        return found()[0]

    def wait(self, condition: Callable[[], bool]) -> bool:
        """Wait until ``condition()`` holds, and return whether it does."""
        ends = time.monotonic() + self._seconds
        with self._news:
            while not condition():
                left = ends - time.monotonic()
                if left <= 0:
                    return False
                self._news.wait(min(left, 0.1))  # being cut is no news
        return True

    def close(self) -> None:
        """Close the connection, without the seconds that a polite good-bye waits."""
        engine = self._client.eio
        if engine.ws:
            engine.ws.close(timeout=0)
        elif engine.state == "connected":
            engine.disconnect(abort=True)

    def _open(self, base_url: str, auth: dict[str, Any], transports: tuple[str, ...]) -> None:
        path = urlsplit(base_url).path.strip("/")
        try:
            self._client.connect(
                base_url,
                headers={"User-Agent": USER_AGENT},
                auth=auth,
                transports=list(transports),
                socketio_path=f"{path}/socket.io".lstrip("/"),
                wait=False,
            )
        except (SocketIOError, OSError, ValueError) as error:
            raise NoAnswer(f"no connection over {transports[0]} ({type(error).__name__})") from error
        if not self.wait(lambda: self.is_open or bool(self._refusals)):
            self.close()
            raise NoAnswer(f"neither let in nor refused within {self._seconds:g} s")
        if self._refusals:
            self.close()
            raise Refused(self._refusals[0])

    def _refused(self, *told: Any) -> None:
        with self._news:
            self._refusals.append(told[0] if told else {})
            self._news.notify_all()

    def _hear(self, event: str, *payloads: Payload) -> None:
        with self._news:
            self.heard.append((event, payloads[0] if payloads else None))
            self._news.notify_all()
