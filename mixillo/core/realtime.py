"""Live events: rooms that the server names, emits that follow the write, sockets that end with a session."""

from typing import Any

import structlog
from bson import ObjectId
from flask import Flask

from mixillo.config import Settings
from mixillo.core import json
from mixillo.extensions import socketio

log = structlog.get_logger(__name__)
MAX_MESSAGE_BYTES = 64 * 1024
ASYNC_MODES = {"eventlet": "eventlet", "gevent": "gevent", "gthread": "threading"}
CLIENTS, OPERATORS = "/", "/ops"


class _Json:
    """The sockets' JSON, with the interface of the standard module that python-socketio expects."""

    @staticmethod
    def dumps(value: Any, **_keywords: Any) -> str:
        return json.dumps(value).decode()

    @staticmethod
    def loads(text: str, **_keywords: Any) -> Any:
        return json.loads(text.encode())


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the sockets to ``app``; without ``REDIS_URL`` one instance works alone."""
    socketio.init_app(
        app,
        async_mode=ASYNC_MODES[settings.worker],
        cors_allowed_origins=[settings.base_url, *settings.cors_origins],
        message_queue=settings.redis_url or None,
        channel="mixillo",
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        json=_Json,
        manage_session=False,
        logger=False,
        engineio_logger=False,
    )


def user_room(user_id: ObjectId | str) -> str:
    """Return the room of all sockets of a user."""
    return f"user_{user_id}"


def session_room(session_id: ObjectId | str) -> str:
    """Return the room of all sockets that were opened with one session."""
    return f"session_{session_id}"


def emit_to_user(user_id: ObjectId | str, event: str, payload: dict[str, Any]) -> None:
    """Tell every socket of a user; call it after the write that the event is about."""
    socketio.emit(event, payload, to=user_room(user_id), namespace=CLIENTS)


def end_sessions(session_ids: list[ObjectId], reason: str) -> None:
    """Tell the sockets of revoked sessions why, and cut them, on every instance."""
    for session_id in session_ids:
        room = session_room(session_id)
        socketio.emit("session:ended", {"code": reason}, to=room, namespace=CLIENTS)
        socketio.close_room(room, namespace=CLIENTS)
