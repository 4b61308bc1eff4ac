"""gunicorn's settings. Imports no application code: what it imported would not be monkey-patched."""

import json
import logging
import os
import select
import signal
import socket
import sys
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
QUIET_SECONDS = 0.3  # without a new request; gunicorn itself goes on listening for up to a second
SECONDS_KEPT_BACK = 1.5  # of `graceful_timeout`, for storing the last metrics
TURNED_AWAY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_listeners = []
_requests = set()
_websockets = {}
_last = {"begun": 0.0}


def pre_request(worker, req):
    """Know the request; a WebSocket is one that lasts."""
    if ("UPGRADE", "websocket") in req.headers:
        _websockets[id(req)] = req.unreader.sock
    else:
        _requests.add(id(req))
        _last["begun"] = time.monotonic()


def post_request(worker, req, environ, resp):
    """Forget the request."""
    _websockets.pop(id(req), None)
    _requests.discard(id(req))


def post_worker_init(worker):
    """Wait for the signal to stop, in a thread that is a green one where the worker is.

    The listening sockets are kept from gunicorn, which would close them and thereby cut off whoever is in the queue.
    """
    for listener in worker.sockets:
        if _worker == "eventlet":
            # Its handlers ask the listener for its name, so those that were accepted last would find it closed.
            listener.close = lambda: None
            _listeners.append(listener.sock)
        else:
            _listeners.append(socket.socket(fileno=os.dup(listener.fileno())))
    threading.Thread(target=_stop_when_told, args=(worker,), name="stop", daemon=True).start()


def _stop_when_told(worker):
    """Notice the signal through the pipe that Python writes a byte to, and the death of the parent by looking."""
    while worker.alive and os.getppid() == worker.ppid:
        readable, _, _ = select.select([worker.PIPE[0]], [], [], 1.0)
        if readable:  # reading what is not there would wait for ever under eventlet
            os.read(worker.PIPE[0], 4096)
    worker.alive = False
    told_at = time.monotonic()
    _close_clients(worker)
    while _is_busy(time.monotonic(), told_at):
        time.sleep(0.02)
    worker.wsgi.extensions["metrics_flusher"].close()
    os.kill(os.getpid(), signal.SIGQUIT)


def _is_busy(now, told_at):
    """Return whether somebody is being answered or was let in just now."""
    has_time = now < told_at + graceful_timeout - SECONDS_KEPT_BACK
    return has_time and (bool(_requests) or now < _last["begun"] + QUIET_SECONDS)


def _close_clients(worker):
    """Tell every Socket.IO client to go, and wake the readers, which would wait on the closed connections."""
    for client in list(worker.wsgi.extensions["socketio"].server.eio.sockets.values()):
        client.close(wait=False)
    time.sleep(LINGER_SECONDS)
    for connection in list(_websockets.values()):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def worker_exit(server, worker):
    """Turn away who is still in the queue, and store the last metrics, in whichever way the worker ends."""
    for listener in _listeners:
        _turn_away(listener)
    if app := getattr(worker, "wsgi", None):
        app.extensions["metrics_flusher"].close()
    if worker.booted and not worker.alive:
        sys.stderr.flush()
        os._exit(0)  # nothing is left to do; Python would wait for threads that wait for clients


def _turn_away(listener):
    """Tell everybody in the queue to come back, and close it."""
    listener.setblocking(False)
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            listener.close()
            return
        with connection, suppress(OSError):
            connection.settimeout(0.2)
            connection.recv(65536)  # closing with something unread would cut the answer off
            connection.sendall(TURNED_AWAY)
            connection.shutdown(socket.SHUT_WR)
