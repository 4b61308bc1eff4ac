"""HTTP for judging servers: whatever they do, the outcome is an answer or the reason why there is none.

The standard library's client, because it hides nothing: it follows no redirect, repeats no request, unpacks no
body, reads no proxy from the environment, and under eventlet or gevent it waits without holding up the worker.
Each request has its own connection, so that a server that breaks one cannot spoil the next.
"""

import http.client
import io
import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

# The OpenAPI document of some hundred operations is the largest answer.
MAXIMUM_BODY = 4 * 1024 * 1024
CHUNK = 64 * 1024
USER_AGENT = "mixillo-probe"
FORM, BOUNDARY = "multipart/form-data", "mixillo-probe"
Headers = dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Headers
    body: bytes
    ms: float

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def request_id(self) -> str | None:
        """The id under which the server's log has the request."""
        return self.headers.get("x-request-id")

    @property
    def phrase(self) -> str:
        """The status in words, for messages."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)

    def json(self) -> Any:
        """Return the parsed body.

        :raises ValueError: it is not JSON.
        """
        try:
            return json.loads(self.body, parse_constant=_refuse)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def object(self) -> dict[str, Any]:
        """Return the body if it is a JSON object, else an empty one."""
        try:
            body = self.json()
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    def data(self) -> Any:
        """Return the member ``data`` of the body, or ``None`` where there is no such thing."""
        return self.object().get("data")


class NoAnswer(Exception):
    """There is no usable answer; the message says why, in words for the operator.

    ``timed_out`` tells silence from refusal: asking again would take as long again.
    """

    def __init__(self, reason: str, *, timed_out: bool = False, ms: float | None = None) -> None:
        super().__init__(reason)
        self.timed_out = timed_out
        self.ms = ms


class BadAddress(ValueError):
    """The base URL is of no use."""


@dataclass(frozen=True)
class Raw:
    """A body that is not JSON."""

    content_type: str
    data: bytes

    @classmethod
    def form(cls, field: str, filename: str, data: bytes) -> "Raw":
        """Return a form with one file in it."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\n\r\n'
        return cls(f"{FORM}; boundary={BOUNDARY}", head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode())


@dataclass(frozen=True)
class Request:
    """What is sent; ``path`` includes the query. ``body`` is sent as JSON unless it is ``None`` or :class:`Raw`."""

    method: str
    path: str
    token: str | None = None
    body: Any = None
    headers: Headers = field(default_factory=dict)

    def encoded(self) -> tuple[bytes | None, Headers]:
        """Return the body and the headers as they are sent."""
        headers = {"Accept": "application/json, application/problem+json", "User-Agent": USER_AGENT}
        headers |= self.headers
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.body is None:
            return None, headers
        if isinstance(self.body, Raw):
            return self.body.data, headers | {"Content-Type": self.body.content_type}
        return json.dumps(self.body).encode(), headers | {"Content-Type": "application/json"}


@dataclass
class Server:
    """The server under test. ``timeout`` bounds each request as a whole, in seconds, however it trickles."""

    base_url: str
    timeout: float = 10.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        try:
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError:
            self._host = ""
        if parts.scheme not in ("http", "https") or not self._host or parts.query or parts.fragment:
            raise BadAddress(f"{self.base_url!r} is not a base URL such as https://api.example.com")
        self._secure = parts.scheme == "https"
        self._prefix = parts.path.rstrip("/")

    def send(self, request: Request) -> Answer:
        """Send ``request`` and return the answer; connecting does not count as its time.

        :raises NoAnswer: refused, reset, too late, too large, or not HTTP.
        """
        deadline = time.monotonic() + self.timeout
        connection = self._connection(deadline)
        started = time.monotonic()
        try:
            connection.connect()
            started = time.monotonic()
            body, headers = request.encoded()
            connection.request(request.method, self._prefix + request.path, body, headers)
            with connection.getresponse() as response:
                content = _read(response)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(
                self._reason(error),
                timed_out=isinstance(error, TimeoutError),
                ms=_milliseconds(started),
            ) from None
        finally:
            connection.close()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, content, _milliseconds(started))

    def _connection(self, deadline: float) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._host, self._port, timeout=self.timeout, context=context
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self.timeout)

        def response(sock: socket.socket, *args: Any, **keywords: Any) -> http.client.HTTPResponse:
            return http.client.HTTPResponse(_Timed(sock, deadline), *args, **keywords)  # type: ignore[arg-type]

        connection.response_class = response  # type: ignore[assignment]
        return connection

    def _reason(self, error: Exception) -> str:
        for kind, reason in (
            (TimeoutError, f"no complete answer within {self.timeout:g} s"),
            (ConnectionRefusedError, "the connection was refused"),
            (http.client.RemoteDisconnected, "the connection was closed without an answer"),
            (ConnectionResetError, "the connection was reset"),
            (BrokenPipeError, "the connection was closed while the request was sent"),
            (http.client.IncompleteRead, "the connection was closed in the middle of the answer"),
            (TooLarge, f"the answer is larger than {MAXIMUM_BODY // 1024 // 1024} MB"),
            (ssl.SSLError, "the TLS connection failed"),
            (socket.gaierror, "the host name cannot be resolved"),
            (http.client.HTTPException, "the answer is not HTTP"),
        ):
            if isinstance(error, kind):
                return reason
        return f"the connection failed ({type(error).__name__})"


class TooLarge(ValueError):
    """The body is longer than is read."""


class _Timed(io.RawIOBase):
    """A socket's incoming bytes until a deadline: a server that trickles them cannot stretch a time-out."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        # Keeps the socket open after the client has let go of it, as it does at once without keep-alive.
        self._bytes = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the reader that :class:`http.client.HTTPResponse` asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Return that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has come, waiting no longer than the deadline.

        :raises TimeoutError: it is past.
        """
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._socket.settimeout(remaining)
        return self._bytes.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        if not self.closed:
            self._bytes.close()
        super().close()


def _read(response: http.client.HTTPResponse) -> bytes:
    """Return the whole body.

    :raises TooLarge: it is longer than ``MAXIMUM_BODY``; the rest is not read.
    :raises IncompleteRead: it ended before it should.
    """
    content = bytearray()
    while chunk := response.read(CHUNK):
        content += chunk
        if len(content) > MAXIMUM_BODY:
            raise TooLarge
    if response.length:
        raise http.client.IncompleteRead(bytes(content), response.length)
    return bytes(content)


def _milliseconds(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 2)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
