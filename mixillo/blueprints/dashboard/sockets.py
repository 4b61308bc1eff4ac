"""The dashboard's sockets (namespace ``/ops``): they only say that something changed, the page asks what."""

from typing import Any

from flask import current_app, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import Namespace, join_room
from pymongo.errors import PyMongoError

from mixillo.blueprints.dashboard.access import cookie_value
from mixillo.blueprints.dashboard.services import sessions
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.core.realtime import CLIENTS, OPERATORS, session_room
from mixillo.core.realtime.figures import beaten, figures, open_sockets
from mixillo.extensions import socketio
from mixillo.ops import jobs
from mixillo.ops.alerts import alert_changed
from mixillo.ops.changes import ALERTS, JOBS, PROCESS, SOCKETS, ChangeWatch
from mixillo.ops.events import Event, LiveEvents

FOLLOWERS = "followers"


class OperatorSockets(Namespace):
    """Lets signed-in operators in, and reads the change stream while there are any."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(OPERATORS)
        self.watch = ChangeWatch(settings.mongodb_uri, self.tell)
        self.events = LiveEvents(settings.mongodb_uri, self._tell_event)
        self._ends: dict[str, float] = {}
        self._followers: dict[str, str] = {}  # the cookie of each page that follows the events
        jobs.job_changed.connect(self._on_job)
        alert_changed.connect(self._on_alert)
        beaten.connect(self._on_beat)
        self._sockets_told = (0, 0)

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
        self._followers.pop(sid, None)
        self.watch.leave(sid)
        self.events.leave(sid)

    def on_follow(self, _data: Any = None) -> None:
        """Send the live events to this page, too; whoever has no session has no socket either."""
        sid = request.sid  # type: ignore[attr-defined]
        self._followers[sid] = cookie_value() or ""
        join_room(FOLLOWERS)
        self.events.join(sid)

    def tell(self, topic: str) -> None:
        """Tell every page of this process that ``topic`` has changed; other processes watch for themselves."""
        now = clock.now().timestamp()
        for sid in [sid for sid, end in list(self._ends.items()) if end <= now]:
            _cut(sid)
        if topic == PROCESS:
            self._cut_idle()
        tick = {"topic": topic, "version": int(now * 1000)}
        socketio.emit("changed", tick, namespace=OPERATORS, ignore_queue=True)

    def _cut_idle(self) -> None:
        """Cut followers whose session has ended: other pages find out when they ask, these are told without asking."""
        try:
            idle = [
                sid
                for sid, cookie in list(self._followers.items())
                if sessions.resume(ops_database(), cookie, active=False) is None
            ]
        except PyMongoError:  # nothing can be told of either
            return
        for sid in idle:
            socketio.emit("signed_out", {}, to=sid, namespace=OPERATORS, ignore_queue=True)
            _cut(sid)

    def _on_job(self, kind: str, *, state: str, **_: Any) -> None:
        """Tell of a job of this process; the topic of its kind says that there is a new result."""
        self.watch.mark(JOBS)
        if state != jobs.RUNNING:
            self.watch.mark(kind)

    def _tell_event(self, event: Event) -> None:
        """Send an event to the pages of this process that follow; other processes hear of it themselves."""
        socketio.emit("event", event.as_dict(), to=FOLLOWERS, namespace=OPERATORS, ignore_queue=True)

    def _on_beat(self, _sender: Any) -> None:
        """Tell of this process's sockets when there are others than before, or they were told something."""
        present = (open_sockets(CLIENTS), figures.counted)
        if present != self._sockets_told:
            self._sockets_told = present
            self.watch.mark(SOCKETS)

    def _on_alert(self, _rule_id: str, **_: Any) -> None:
        self.watch.mark(ALERTS)


def live_events() -> LiveEvents:
    """Return the live events of this process, for pages that ask instead of listening."""
    sockets: OperatorSockets = socketio.server.namespace_handlers[OPERATORS]
    return sockets.events


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
