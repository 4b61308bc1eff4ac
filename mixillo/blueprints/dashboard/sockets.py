"""The dashboard's sockets (namespace ``/ops``): they only say that something changed, the page asks what."""

from typing import Any

from flask import current_app, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import Namespace, join_room

from mixillo.blueprints.dashboard.access import cookie_value
from mixillo.blueprints.dashboard.services import sessions
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.core.realtime import OPERATORS, session_room
from mixillo.extensions import socketio
from mixillo.ops import jobs
from mixillo.ops.alerts import alert_changed
from mixillo.ops.changes import ALERTS, JOBS, ChangeWatch


class OperatorSockets(Namespace):
    """Lets signed-in operators in, and reads the change stream while there are any."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(OPERATORS)
        self.watch = ChangeWatch(settings.mongodb_uri, self.tell)
        self._ends: dict[str, float] = {}
        jobs.job_changed.connect(self._on_job)
        alert_changed.connect(self._on_alert)

    def on_connect(self, _auth: Any = None) -> None:
        """Join an operator's page to the ticks.

        :raises ConnectionRefusedError: it comes from another origin, or nobody is signed in there.
        """
        cookie = cookie_value()
        if not _is_own_origin(request.headers.get("Origin")) or cookie is None:
            raise Refused("signed_out")
        session = sessions.resume(ops_database(), cookie, active=False)
        if session is None:
            raise Refused("signed_out")
        sid = request.sid  # type: ignore[attr-defined]  # Flask-SocketIO's own addition
        join_room(session_room(session.id))
        self._ends[sid] = session.expires_at.timestamp()
        self.watch.join(sid)

    def on_disconnect(self, _reason: Any = None) -> None:
        """Stop counting the page as a listener."""
        sid = request.sid  # type: ignore[attr-defined]
        self._ends.pop(sid, None)
        self.watch.leave(sid)

    def tell(self, topic: str) -> None:
        """Tell every page of this process that ``topic`` has changed; other processes watch for themselves."""
        now = clock.now().timestamp()
        for sid in [sid for sid, end in list(self._ends.items()) if end <= now]:
            _cut(sid)
        tick = {"topic": topic, "version": int(now * 1000)}
        socketio.emit("changed", tick, namespace=OPERATORS, ignore_queue=True)

    def _on_job(self, kind: str, *, state: str, **_: Any) -> None:
        """Tell of a job of this process; the topic of its kind says that there is a new result."""
        self.watch.mark(JOBS)
        if state != jobs.RUNNING:
            self.watch.mark(kind)

    def _on_alert(self, _rule_id: str, **_: Any) -> None:
        self.watch.mark(ALERTS)


def end_session(session_id: str) -> None:
    """Cut the open pages of a session that has ended, on every instance."""
    room = session_room(session_id)
    socketio.emit("signed_out", {}, to=room, namespace=OPERATORS)
    socketio.close_room(room, namespace=OPERATORS)


def _cut(sid: str) -> None:
    socketio.server.disconnect(sid, namespace=OPERATORS, ignore_queue=True)


def _is_own_origin(origin: str | None) -> bool:
    """Return whether a page of ours asks; a client that is no browser sends no origin, and has no cookie by itself."""
    settings: Settings = current_app.config["SETTINGS"]
    if origin is None:
        return True
    host = origin.partition("://")[2]
    return origin == settings.base_url or host == request.host
