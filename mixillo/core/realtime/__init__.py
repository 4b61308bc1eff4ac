"""Live events: rooms that the server names, emits that follow the write, sockets that end with a session.

What is told in a room is written down first, with the room's next number (:mod:`.room_log`), and then told in that
order (:mod:`.delivery`): a client that comes back receives what it missed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from blinker import Signal
from bson import ObjectId
from engineio.payload import Payload
from flask import Flask, current_app, has_app_context, request
from marshmallow import fields
from pymongo.errors import PyMongoError

from mixillo.config import Settings
from mixillo.core import events
from mixillo.core.events import Event
from mixillo.core.realtime import room_log
from mixillo.core.realtime.manager import CLIENTS, OPERATORS, SESSION_ROOM, Json, LocalManager, QueueManager
from mixillo.core.realtime.room_log import Logged
from mixillo.core.schemas import BaseSchema
from mixillo.core.security import Viewer
from mixillo.extensions import socketio

__all__ = [
    "CLIENTS", "OPERATORS", "deliver", "emit", "emit_to_others", "emit_to_user", "emitted", "end_sessions",
    "enter", "init_app", "keep_viewer", "leave", "reply", "session_room", "socket_viewer", "tell_here", "told",
    "user_room",
]  # fmt: skip

log = structlog.get_logger(__name__)
MAX_MESSAGE_BYTES = 64 * 1024
# Who polls sends what has gathered meanwhile in one request: more than a socket may send at once, and pings between.
MOST_PACKETS_AT_ONCE = 100
ASYNC_MODES = {"eventlet": "eventlet", "gevent": "gevent", "gthread": "threading"}
CHANNEL = "mixillo"

emitted = Signal("An event was sent to the clients in a room: send(event, room=str).")


class SessionEndedSchema(BaseSchema):
    """Why a socket is about to be cut."""

    code = fields.String(required=True, metadata={"example": "logged_out"})


SESSION_ENDED = events.declare(
    "session:ended",
    SessionEndedSchema,
    hearers="the sockets of the session",
    when="it was signed out or revoked, or its user banned; the sockets are cut next",
)


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the sockets to ``app``; without ``REDIS_URL`` one instance works alone."""
    redis = settings.redis_url
    Payload.max_decode_packets = max(Payload.max_decode_packets, MOST_PACKETS_AT_ONCE)
    socketio.init_app(
        app,
        client_manager=QueueManager(redis, CHANNEL) if redis else LocalManager(),
        async_mode=ASYNC_MODES[settings.worker],
        cors_allowed_origins=_origins(settings),
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        json=Json,
        # One after another, as the client sent them; a slow one holds back nobody but its own socket.
        async_handlers=False,
        manage_session=False,
        logger=False,
        engineio_logger=False,
    )
    if settings.instance:
        _name_sockets(settings.instance)


def _name_sockets(instance: str) -> None:
    """Let the ids of sockets begin with ``one.``: who polls sends it in every URL, cookies or not."""
    engine = socketio.server.eio
    unnamed = engine.generate_id
    engine.generate_id = lambda: f"{instance}.{unnamed()}"


def _origins(settings: Settings) -> Callable[[str | None, dict[str, Any]], bool]:
    """Return the check of a page's origin: an allowed client's, or our own under whatever name it was reached."""
    allowed = {settings.base_url, *settings.cors_origins}

    def is_allowed(origin: str | None, environ: dict[str, Any]) -> bool:
        return origin in allowed or (origin or "").partition("://")[2] == environ.get("HTTP_HOST")

    return is_allowed


def user_room(user_id: ObjectId | str) -> str:
    """Return the room of all sockets of a user."""
    return f"user_{user_id}"


def session_room(session_id: ObjectId | str) -> str:
    """Return the room of all sockets that were opened with one session."""
    return f"{SESSION_ROOM}{session_id}"


def keep_viewer(viewer: Viewer) -> None:
    """Remember who opened the socket of this event."""
    socketio.server.manager.came(request.sid, viewer.id)  # type: ignore[attr-defined]
    socketio.server.save_session(request.sid, {"viewer": viewer}, CLIENTS)  # type: ignore[attr-defined]


def socket_viewer() -> Viewer:
    """Return who opened the socket of this event."""
    return socketio.server.get_session(request.sid, CLIENTS)["viewer"]  # type: ignore[attr-defined]


def emit(event: Event, payload: dict[str, Any], *, to: str) -> None:
    """Tell the clients in the room ``to``, on every instance; call it after the write that the event is about.

    What must not be lost when the process dies in between is written with :func:`told`.
    """
    if not event.is_logged:
        _send(event, payload, to)
        return
    try:
        deliver(told([(to, event, payload)]))
    except (PyMongoError, room_log.TooMuchAtOnce) as error:
        log.warning("event_not_logged", event_name=event.name, room=to, reason=str(error))
        _send(event, payload, to)


def told(events_told: Sequence[room_log.Told], session: Any = None) -> list[Logged]:
    """Write down what rooms are told (room, event, payload), in the transaction of ``session`` if there is one.

    :func:`deliver` what it returns after the commit; what is never delivered is found within seconds all the same.
    """
    for _, event, payload in events_told:
        _check(event, payload)
    return room_log.append(events_told, session)


def deliver(logged: Sequence[Logged]) -> None:
    """Tell the clients in the rooms, on every instance, what was written down with :func:`told`."""
    for row in logged:
        payload = row.payload | {room_log.WRITTEN_AT: row.at}
        socketio.emit(row.event, payload, to=row.room, namespace=CLIENTS)
        emitted.send(row.event, room=row.room)


def _send(event: Event, payload: dict[str, Any], room: str) -> None:
    _check(event, payload)
    socketio.emit(event.name, payload, to=room, namespace=CLIENTS)
    emitted.send(event.name, room=room)


def _check(event: Event, payload: dict[str, Any]) -> None:
    if not isinstance(event, Event):
        raise TypeError(f"declare {event!r} in the feature's events.py with mixillo.core.events.declare and pass that")
    if has_app_context() and current_app.config["VALIDATE_ANSWERS"]:
        events.check(event, payload)


def enter(socket_id: str, room: str, offset: int | None = None) -> int:
    """Let a socket of this process into ``room``, and return the number of the last thing that was told there.

    With ``offset``, the last number that the client has seen, it is sent what it missed first. Whether it may be in
    there is the caller's to know.
    """
    manager: LocalManager = socketio.server.manager
    return manager.deliveries.enter(socket_id, room, lambda: manager.basic_enter_room(socket_id, CLIENTS, room), offset)


def leave(socket_id: str, room: str) -> None:
    """Take a socket of this process out of ``room``."""
    socketio.server.manager.basic_leave_room(socket_id, CLIENTS, room)


def emit_to_others(event: Event, payload: dict[str, Any], *, room: str) -> None:
    """Tell the clients in ``room`` except the socket of this event."""
    _check(event, payload)
    socketio.emit(event.name, payload, to=room, skip_sid=request.sid, namespace=CLIENTS)  # type: ignore[attr-defined]
    emitted.send(event.name, room=room)


def tell_here(event: Event, payload: dict[str, Any], *, room: str) -> None:
    """Tell the clients in ``room`` that are connected to this process; other processes tell theirs."""
    _check(event, payload)
    socketio.emit(event.name, payload, to=room, namespace=CLIENTS, ignore_queue=True)
    emitted.send(event.name, room=room)


def reply(event: Event, payload: dict[str, Any]) -> None:
    """Tell the socket of this event."""
    _check(event, payload)
    socketio.emit(event.name, payload, to=request.sid, namespace=CLIENTS, ignore_queue=True)  # type: ignore[attr-defined]


def emit_to_user(user_id: ObjectId | str, event: Event, payload: dict[str, Any]) -> None:
    """Tell every socket of a user; call it after the write that the event is about."""
    emit(event, payload, to=user_room(user_id))


def end_sessions(session_ids: list[ObjectId], reason: str) -> None:
    """Tell the sockets of revoked sessions why, and cut them, on every instance."""
    for session_id in session_ids:
        room = session_room(session_id)
        emit(SESSION_ENDED, {"code": reason}, to=room)
        socketio.close_room(room, namespace=CLIENTS)
