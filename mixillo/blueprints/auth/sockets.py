"""Sockets of clients: opened with an access token, ended with its session."""

from typing import Any, NoReturn

from bson import ObjectId
from bson.errors import InvalidId
from flask import request
from marshmallow import fields
from pymongo.errors import PyMongoError
from socketio.exceptions import ConnectionRefusedError as Refused

from mixillo.blueprints.auth.services import identity
from mixillo.config import Settings
from mixillo.core import events, realtime, tokens
from mixillo.core.realtime import keep_viewer, rooms, session_room
from mixillo.core.realtime.namespace import ClientNamespace
from mixillo.core.schemas import BaseSchema
from mixillo.errors import AppError, ServiceUnavailable, Unauthorized


class ReadySchema(BaseSchema):
    """``socket:ready``: the rooms that the socket is in, each with the number of what was last told there."""

    rooms = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


SOCKET_READY = events.declare(
    "socket:ready",
    ReadySchema,
    hearers="the socket",
    when="it has connected, and was sent what it missed",
    is_logged=False,
)


class ClientSockets(ClientNamespace):
    """Lets sockets in, and into the rooms of their user and session."""

    def __init__(self, _settings: Settings) -> None:
        super().__init__()

    def on_connect(self, auth: Any = None) -> None:
        """Identify the socket by ``auth.token`` or the Authorization header; ``auth.offsets`` says what it has seen.

        :raises Refused: the client sees ``connect_error`` with ``data: {code, message}``.
        """
        try:
            _enter(_token(auth), auth.get("offsets") if isinstance(auth, dict) else None)
        except AppError as error:
            _refuse(error)
        except PyMongoError:
            _refuse(ServiceUnavailable("The database does not answer right now."))


def _enter(token: str, offsets: Any) -> None:
    """Join the rooms, then look whether the session is alive: one that ends in between finds the socket there."""
    claims = tokens.decode_access_token(token)
    try:
        realtime.enter(request.sid, session_room(ObjectId(claims["sid"])))  # type: ignore[attr-defined]
    except (InvalidId, TypeError):
        raise tokens.InvalidToken from None
    viewer = identity.viewer_of(claims)
    keep_viewer(viewer)
    realtime.reply(SOCKET_READY, {"rooms": rooms.come_back(viewer, offsets)})


def _token(auth: Any) -> str:
    """Return the token that came with the connection.

    :raises Unauthorized: there is none.
    """
    offered = auth.get("token") if isinstance(auth, dict) else None
    if not offered:
        scheme, _, offered = request.headers.get("Authorization", "").partition(" ")
        offered = offered if scheme.lower() == "bearer" else None
    if not isinstance(offered, str) or not offered:
        raise Unauthorized("Send an access token as `auth.token`.")
    return offered.removeprefix("Bearer ")


def _refuse(error: AppError) -> NoReturn:
    raise Refused(error.detail, {"code": error.code, "message": error.detail})
