"""From the log to the sockets of this process: each room in its order, nothing twice, nothing left out.

What is heard of (from a request of this process, or from another one by the queue) is only the bell: what a room was
not told yet is read from the log. When the bell is lost, as when Redis is gone for a while, the log is looked at every
two seconds all the same.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from marshmallow import fields
from pymongo.errors import PyMongoError

from mixillo.core import clock, events
from mixillo.core.realtime import room_log
from mixillo.core.realtime.figures import REPLAYED, figures
from mixillo.core.realtime.room_log import Logged
from mixillo.core.schemas import BaseSchema, Id

log = structlog.get_logger(__name__)
# Clocks of instances differ, and what was stored may have been told late.
LOOKED_BACK = timedelta(seconds=30)
MOST_REPLAYED = 1_000


class ResetSchema(BaseSchema):
    """Which room has moved on, and the number of what was last told there."""

    room = fields.String(required=True)
    seq = fields.Integer(required=True)


ROOM_RESET = events.declare(
    "room:reset",
    ResetSchema,
    hearers="the socket",
    when="it was away for longer than a room remembers, or missed more than a thousand events: read its state anew",
    is_logged=False,
)


class OutSchema(BaseSchema):
    """Who is in the room no more."""

    userId = Id(required=True)


ROOM_OUT = events.declare(
    "room:out",
    OutSchema,
    hearers="who is in the room",
    when="somebody may not be in it any more: it is the last that their sockets hear of it",
)
# send(event, payload, to): to a room of this process, or to one socket.
Send = Callable[[str, dict[str, Any], str], None]


@dataclass
class _Room:
    """A room that sockets of this process are in, or about to be (``entering`` so many).

    ``told`` is the number of the last row they were sent.
    """

    told: int
    entering: int = 0
    turn: threading.RLock = field(default_factory=threading.RLock)


class Deliveries:
    """The rooms of this process."""

    def __init__(self, send: Send, is_empty: Callable[[str], bool]) -> None:
        self._send = send
        self._is_empty = is_empty
        self._rooms: dict[str, _Room] = {}
        self._guard = threading.Lock()

    def enter(self, socket_id: str, name: str, join: Callable[[], None], offset: int | None = None) -> int:
        """Let a socket into a room by calling ``join()``, and return the number of the room's last row.

        With ``offset``, the last number the client has seen, it is sent what came after it first. Where that is no
        longer in the log, or too much, ``room:reset`` tells it to read the room's state anew.
        """
        room = self._entered(name)
        try:
            with room.turn:
                if offset is not None:
                    if offset > room.told:  # heard on another instance, whose bell has not been heard here yet
                        self._tell(room, room_log.behind(name, room.told))
                    self._replay(socket_id, name, offset, room.told)
                join()
                # Where nothing was told yet: who comes back today has then missed nothing but what is in the log.
                return room.told or room_log.start(clock.now())
        finally:
            with self._guard:
                room.entering -= 1

    def heard(self, logged: Logged) -> None:
        """Tell the sockets in a room of this process what is new, and what was before it and they were not told."""
        room = self._rooms.get(logged.room)
        if room is None:
            return
        try:
            with room.turn:
                if logged.seq > room.told + 1:
                    self._tell(room, room_log.behind(logged.room, room.told, logged.seq - 1))
                self._tell(room, [logged])
        except PyMongoError as error:  # the next look finds it
            log.warning("room_not_told", room=logged.room, reason=str(error))

    @property
    def rooms(self) -> list[str]:
        """The rooms that sockets of this process are in."""
        return list(self._rooms)

    def look(self) -> None:
        """Tell every room of this process what the log has and nobody rang the bell for; forget rooms left empty."""
        with self._guard:
            for name in [name for name, room in self._rooms.items() if not room.entering and self._is_empty(name)]:
                del self._rooms[name]
            if not self._rooms:
                return
        for name, head in room_log.heads_since(clock.now() - LOOKED_BACK).items():
            room = self._rooms.get(name)
            if room is not None and head > room.told:
                with room.turn:
                    self._tell(room, room_log.behind(name, room.told))

    def _entered(self, name: str) -> _Room:
        """Return the room, which nobody forgets until :attr:`_Room.entering` is back where it was."""
        with self._guard:
            room = self._rooms.get(name)
            if room:
                room.entering += 1
                return room
        told = room_log.last(name)
        with self._guard:
            room = self._rooms.setdefault(name, _Room(told))
            room.entering += 1
            return room

    def _tell(self, room: _Room, rows: list[Logged]) -> None:
        for row in rows:
            if row.seq > room.told:
                self._send(row.event, row.payload, row.room)
                room.told = row.seq
                if row.at is not None:
                    figures.told_after((clock.now().timestamp() - row.at) * 1000)

    def _replay(self, socket_id: str, name: str, offset: int, until: int) -> None:
        if offset >= until:
            return
        missed = room_log.behind(name, offset, until, MOST_REPLAYED + 1)
        if len(missed) > MOST_REPLAYED or not missed or missed[0].seq != offset + 1:
            self._send(ROOM_RESET.name, {"room": name, "seq": until}, socket_id)
            return
        for row in missed:
            self._send(row.event, row.payload, socket_id)
        figures.count(REPLAYED, len(missed))
