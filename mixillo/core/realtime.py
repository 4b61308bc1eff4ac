"""Live events: rooms that the server names, emits that follow the write, sockets that end with a session."""

from collections.abc import Callable
from typing import Any

import structlog
from blinker import Signal
from bson import ObjectId
from flask import Flask, current_app, has_app_context, request
from marshmallow import fields
from socketio import Manager, RedisManager

from mixillo.config import Settings
from mixillo.core import events, json
from mixillo.core.events import Event
from mixillo.core.schemas import BaseSchema
from mixillo.core.security import Viewer
from mixillo.extensions import socketio

log = structlog.get_logger(__name__)
MAX_MESSAGE_BYTES = 64 * 1024
ASYNC_MODES = {"eventlet": "eventlet", "gevent": "gevent", "gthread": "threading"}
CLIENTS, OPERATORS = "/", "/ops"
CHANNEL = "mixillo"
SESSION_ROOM = "session_"

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


class _Json:
    """The sockets' JSON, with the interface of the standard module that python-socketio expects."""

    @staticmethod
    def dumps(value: Any, **_keywords: Any) -> str:
        return json.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_keywords: Any) -> Any:
        return json.loads(text.encode() if isinstance(text, str) else text)  # Redis hands over bytes


class _CutsSessions(Manager):
    """Closing a session's room cuts its sockets: on every instance, because the closing travels by the queue."""

    def basic_close_room(self, room: str, namespace: str) -> None:
        if room.startswith(SESSION_ROOM):
            for socket_id, _ in list(self.get_participants(namespace, room)):
                self.server.disconnect(socket_id, namespace, ignore_queue=True)
        super().basic_close_room(room, namespace)


class _RedisManager(RedisManager, _CutsSessions):
    """The same, with the other instances listening."""


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the sockets to ``app``; without ``REDIS_URL`` one instance works alone."""
    redis = settings.redis_url
    socketio.init_app(
        app,
        client_manager=_RedisManager(redis, channel=CHANNEL) if redis else _CutsSessions(),
        async_mode=ASYNC_MODES[settings.worker],
        cors_allowed_origins=_origins(settings),
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        json=_Json,
        manage_session=False,
        logger=False,
        engineio_logger=False,
    )


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
    socketio.server.save_session(request.sid, {"viewer": viewer}, CLIENTS)  # type: ignore[attr-defined]


def socket_viewer() -> Viewer:
    """Return who opened the socket of this event."""
    return socketio.server.get_session(request.sid, CLIENTS)["viewer"]  # type: ignore[attr-defined]


def emit(event: Event, payload: dict[str, Any], *, to: str) -> None:
    """Tell the clients in the room ``to``, on every instance; call it after the write that the event is about."""
    if not isinstance(event, Event):
        raise TypeError(f"declare {event!r} in the feature's events.py with mixillo.core.events.declare and pass that")
    if has_app_context() and current_app.config["VALIDATE_ANSWERS"]:
        events.check(event, payload)
    socketio.emit(event.name, payload, to=to, namespace=CLIENTS)
    emitted.send(event.name, room=to)


def emit_to_user(user_id: ObjectId | str, event: Event, payload: dict[str, Any]) -> None:
    """Tell every socket of a user; call it after the write that the event is about."""
    emit(event, payload, to=user_room(user_id))


def end_sessions(session_ids: list[ObjectId], reason: str) -> None:
    """Tell the sockets of revoked sessions why, and cut them, on every instance."""
    for session_id in session_ids:
        room = session_room(session_id)
        emit(SESSION_ENDED, {"code": reason}, to=room)
        socketio.close_room(room, namespace=CLIENTS)
