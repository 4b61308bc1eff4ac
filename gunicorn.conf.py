"""gunicorn's settings. Imports no application code: what it imported would not be monkey-patched."""

import json
import logging
import os
import select
import signal
import socket
import threading
import time
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

# docs/decisions/0001 knows that the eventlet worker has an end; nobody needs to read so at every start.
warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")

_worker = os.environ.get("MIXILLO_WORKER") or "eventlet"

bind = f"{os.environ.get('MIXILLO_HOST') or '0.0.0.0'}:{os.environ.get('PORT') or 5000}"  # noqa: S104  a container's port
worker_class = _worker
# Flask-SocketIO's own rule: clients must come back to the process that knows them. More instances, not workers.
workers = 1
worker_connections = 4000
threads = 100 if _worker == "gthread" else 1
timeout = 60
graceful_timeout = 8  # of Cloud Run's ten seconds
keepalive = 75
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  heartbeats must not wait for a disk
loglevel = "warning"
accesslog = None
control_socket_disable = True  # a door that every instance of this user would share


class _JsonLine(logging.Formatter):
    """gunicorn's own messages in the form of the application's."""

    def format(self, record):
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "time": moment.replace("+00:00", "Z"),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def _is_news(record):
    """The same news once more, by way of the log."""
    return "eventlet worker is DEPRECATED" not in record.getMessage()


logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": _JsonLine}},
    "filters": {"news": {"()": lambda: _is_news}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["news"]}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": ["stderr"], "propagate": False}},
}

# Stopping. Left to itself, a worker waits for open WebSockets and for idle keep-alive connections until
# `graceful_timeout` is over. What matters is done much earlier: every request in flight is answered, every socket's
# client knows that it must go elsewhere. Then the worker may end.

LINGER_SECONDS = 0.2  # for the last frames to be written and read
SECONDS_KEPT_BACK = 1.5  # of `graceful_timeout`, for storing the last metrics
_requests = set()
_websockets = {}


def pre_request(worker, req):
    """Know the request; a WebSocket is one that lasts."""
    if ("UPGRADE", "websocket") in req.headers:
        _websockets[id(req)] = req.unreader.sock
    else:
        _requests.add(id(req))


def post_request(worker, req, environ, resp):
    """Forget the request."""
    _websockets.pop(id(req), None)
    _requests.discard(id(req))


def post_worker_init(worker):
    """Wait for the signal to stop, in a thread that is a green one where the worker is."""
    threading.Thread(target=_stop_when_told, args=(worker,), name="stop", daemon=True).start()


def _stop_when_told(worker):
    """Notice the signal through the pipe that Python writes a byte to, and the death of the parent by looking."""
    while worker.alive and os.getppid() == worker.ppid:
        readable, _, _ = select.select([worker.PIPE[0]], [], [], 1.0)
        if readable:  # reading what is not there would wait for ever under eventlet
            os.read(worker.PIPE[0], 4096)
    deadline = time.monotonic() + graceful_timeout - SECONDS_KEPT_BACK
    worker.alive = False
    _close_clients(worker)
    while _requests and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.wsgi.extensions["metrics_flusher"].close()
    os.kill(os.getpid(), signal.SIGQUIT)


def _close_clients(worker):
    """Tell every Socket.IO client to go, and wake the readers, which would wait on the closed connections."""
    for client in list(worker.wsgi.extensions["socketio"].server.eio.sockets.values()):
        client.close(wait=False)
    time.sleep(LINGER_SECONDS)
    for connection in list(_websockets.values()):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def worker_exit(server, worker):
    """Store the last metrics, also where the worker ends before the thread above has come to it."""
    if app := getattr(worker, "wsgi", None):
        app.extensions["metrics_flusher"].close()
