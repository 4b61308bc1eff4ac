"""gunicorn as a child process: its port, its environment, its health and its log."""

import errno
import http.client
import json
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from mixillo.config import Settings
from mixillo.ops import processes
from mixillo.ops.datadir import DataDir

PROJECT = Path(__file__).parents[3]
CONFIGURATION = PROJECT / "gunicorn.conf.py"
START_SECONDS = 30
# gunicorn gives requests in flight eight seconds.
STOP_SECONDS = 10
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, not listened on


class ServerError(Exception):
    """The web server cannot run; the message is one sentence for the operator."""


class WebServer:
    """gunicorn for ``settings``, whose ``mongodb_uri`` and secrets are complete."""

    def __init__(self, settings: Settings, data: DataDir) -> None:
        self.settings = settings
        self.data = data
        self.process: processes.Process | None = None

    def start(self, log: int) -> None:
        """Start, with the log lines going to the file descriptor ``log``.

        :raises ServerError: it cannot be started.
        """
        command = [sys.executable, "-m", "gunicorn", "-c", str(CONFIGURATION), "wsgi:app"]
        try:
            self.process = processes.spawn(command, cwd=PROJECT, env=self._environment(), stderr=log)
        except OSError as error:
            raise ServerError(f"gunicorn cannot be started: {error.strerror}.") from error
        state = {"pid": self.process.pid, "port": self.settings.port}
        self.data.server_state.write_text(json.dumps(state), "utf-8")

    def wait_until_healthy(self) -> None:
        """Return when `/health` answers.

        :raises ServerError: the server does not come up.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.exited:
                raise ServerError(f"The web server ended while starting; see {self.data.server_log}.")
            if self._is_healthy():
                return
            time.sleep(0.02)
        raise ServerError(f"The web server did not answer within {START_SECONDS} s; see {self.data.server_log}.")

    def stop(self) -> None:
        """Let requests in flight finish, and stop."""
        if self.process:
            processes.stop(self.process, STOP_SECONDS)
            self.data.server_state.unlink(missing_ok=True)

    @property
    def exited(self) -> bool:
        """Whether the process has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        return {
            # Measured: more hashing threads, or more allocator arenas, take 370 MB instead of 97.
            "EVENTLET_THREADPOOL_SIZE": "2",
            "MALLOC_ARENA_MAX": "2",
            # Left to itself the allocator keeps what a hash or a piece of a file took: 19 MB after one sign-in.
            "MALLOC_MMAP_THRESHOLD_": "131072",
            "MALLOC_TRIM_THRESHOLD_": "131072",
            **os.environ,
            "MONGODB_URI": settings.mongodb_uri,
            "JWT_SECRET": settings.jwt_secret,
            "JWT_REFRESH_SECRET": settings.jwt_refresh_secret,
            "MIXILLO_DATA_DIR": str(self.data.path),
            "MIXILLO_HOST": settings.host,
            "MIXILLO_WORKER": settings.worker,
            "PORT": str(settings.port),
        }

    def _is_healthy(self) -> bool:
        address = ANY_ADDRESS.get(self.settings.host, self.settings.host)
        connection = http.client.HTTPConnection(address, self.settings.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def check_port(settings: Settings) -> None:
    """Make sure that the port can be listened on.

    :raises ServerError: it cannot.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServerError(
                f"Port {settings.port} is taken by another program; set PORT to a free one, such as PORT=8000."
            ) from error
        raise ServerError(f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}.") from error


def stop_orphan(data: DataDir) -> None:
    """Stop a web server whose supervisor was killed; the caller holds the lock on ``data``."""
    with suppress(OSError, ValueError, KeyError):
        pid = json.loads(data.server_state.read_text("utf-8"))["pid"]
        processes.stop_stranger(pid, f"gunicorn -c {CONFIGURATION}", STOP_SECONDS)
