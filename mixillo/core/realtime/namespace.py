"""The namespace of clients: hands what sockets send to what was declared for it."""

from functools import partial
from typing import Any

from flask import request
from flask_socketio import Namespace
from marshmallow import fields
from socketio.exceptions import ConnectionRefusedError as Refused

from mixillo.core import events
from mixillo.core.realtime import CLIENTS, asking, socket_viewer
from mixillo.core.realtime.asking import Question
from mixillo.core.realtime.figures import ASKED, CUT, LIMITED, REFUSED, TURNED_AWAY, figures
from mixillo.core.realtime.pacing import Paces
from mixillo.core.schemas import BaseSchema
from mixillo.errors import AppError, NotFound, TooManyRequests
from mixillo.extensions import socketio


class CutSchema(BaseSchema):
    """Why a socket is about to be cut."""

    code = fields.String(required=True, metadata={"example": "too_many_events"})


SOCKET_CUT = events.declare(
    "socket:cut", CutSchema, hearers="the socket", when="it goes on sending more than it may", is_logged=False
)


class ClientNamespace(Namespace):
    """What all sockets of clients may do; who may open one is the business of `auth`."""

    def __init__(self) -> None:
        super().__init__(CLIENTS)
        self._paces = Paces()
        for question in asking.CATALOGUE.values():
            setattr(self, f"on_{question.name}", partial(self._answer, question))

    def trigger_event(self, event: Any, *args: Any) -> Any:
        """Do what was declared for ``event``; what was not is refused, and what only Socket.IO itself may say."""
        if event in ("connect", "disconnect"):
            # An open socket that sends these words means nothing by them.
            return None if socketio.server.manager.is_connected(args[0], CLIENTS) else self._come_or_go(event, *args)
        figures.count(ASKED)
        if not self._may_send(args[0]):
            figures.count(LIMITED)
            return asking.refusal(TooManyRequests("A socket may send 30 events per second."))
        if not isinstance(event, str) or event not in asking.CATALOGUE:
            figures.count(REFUSED)
            return asking.refusal(NotFound("There is no such event."))
        return super().trigger_event(event, *args)

    def _come_or_go(self, event: str, *args: Any) -> Any:
        try:
            return super().trigger_event(event, *args)
        except Refused:
            figures.count(TURNED_AWAY)
            raise

    def on_disconnect(self, _reason: Any = None) -> None:
        """Forget the socket."""
        socket_id: str = request.sid  # type: ignore[attr-defined]
        self._paces.forget(socket_id)
        socketio.server.manager.presence.went(socket_id)

    @staticmethod
    def _answer(question: Question, *sent: Any) -> asking.Data:
        try:
            viewer = socket_viewer()
        except KeyError:  # it was cut meanwhile
            return asking.refusal(AppError("This socket is closed."))
        done = asking.answered(question, viewer, sent)
        if not done["ok"]:
            figures.count(REFUSED)
        return done

    def _may_send(self, socket_id: str) -> bool:
        if self._paces.may_send(socket_id):
            return True
        if self._paces.is_flooding(socket_id):
            _cut(socket_id)
        return False


def _cut(socket_id: str) -> None:
    """End the connection, after saying why; leaving the namespace alone would let it go on sending."""
    figures.count(CUT)
    server = socketio.server
    socketio.emit(SOCKET_CUT.name, {"code": "too_many_events"}, to=socket_id, namespace=CLIENTS, ignore_queue=True)
    engine_id = server.manager.eio_sid_from_sid(socket_id, CLIENTS)
    server.disconnect(socket_id, CLIENTS, ignore_queue=True)
    if engine_id:
        server.eio.disconnect(engine_id)
