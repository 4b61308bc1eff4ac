"""In and out of rooms: who may be in one is asked when they enter, and when they come back."""

from typing import Any

from bson import ObjectId
from flask import request

from mixillo.core.realtime import enter, kinds, leave, user_room
from mixillo.core.realtime.delivery import ROOM_OUT
from mixillo.core.realtime.room_log import Told
from mixillo.core.security import Viewer
from mixillo.errors import AppError, Conflict
from mixillo.extensions import socketio

MOST_ROOMS = 100


class TooManyRooms(Conflict):
    """The socket is in as many rooms as it may be."""

    code, title = "too_many_rooms", f"A socket may be in {MOST_ROOMS} rooms; leave one first"


class NotInside(Conflict):
    """Only who is in the room may do that."""

    code, title = "not_in_room", "Join first"


def join(viewer: Viewer, kind: str, thing_id: ObjectId, offset: int | None = None) -> int:
    """Let the socket of this event into the room of a thing, and return the number of what was last told there.

    :raises AppError: ``viewer`` may not be in there.
    :raises TooManyRooms: it is in enough.
    """
    return _let_in(viewer, f"{kind}_{thing_id}", kinds.of(kind), thing_id, offset)


def _let_in(viewer: Viewer, room: str, kind: kinds.Kind, thing_id: ObjectId, offset: int | None) -> int:
    kind.may_enter(viewer, thing_id)
    socket_id: str = request.sid  # type: ignore[attr-defined]
    inside = socketio.server.rooms(socket_id)
    if room not in inside and len(inside) >= MOST_ROOMS:
        raise TooManyRooms
    number = enter(socket_id, room, offset)
    try:
        kind.may_enter(viewer, thing_id)
    except AppError:  # who was shown out in between was not in there yet to be found
        leave(socket_id, room)
        raise
    return number


def part(kind: str, thing_id: ObjectId) -> None:
    """Take the socket of this event out of the room of a thing."""
    leave(request.sid, f"{kind}_{thing_id}")  # type: ignore[attr-defined]


def out(user_id: ObjectId, kind: str, thing_id: ObjectId) -> Told:
    """Return what is to be told in the room of a thing so that no socket of somebody is in it any more.

    Tell it together with the change that lets them in no more: it reaches every instance, in its place in the order.
    """
    return (f"{kind}_{thing_id}", ROOM_OUT, {"userId": user_id})


def be_inside(kind: str, thing_id: ObjectId) -> None:
    """Look whether the socket of this event is in the room of a thing.

    :raises NotInside: it is not.
    """
    if f"{kind}_{thing_id}" not in socketio.server.rooms(request.sid):  # type: ignore[attr-defined]
        raise NotInside


def come_back(viewer: Viewer, offsets: Any) -> dict[str, int]:
    """Let a client that was gone into the rooms of ``offsets`` (room: last number seen) again, and send what it missed.

    Returns the numbers of the rooms it is in now; it is not in those that are not there any more, nor in what is no
    room. The room of ``viewer`` is always one of them.
    """
    wanted = offsets if isinstance(offsets, dict) else {}
    own = user_room(viewer.id)
    inside = {own: enter(request.sid, own, _number(wanted.get(own)))}  # type: ignore[attr-defined]
    for room, offset in list(wanted.items())[:MOST_ROOMS]:
        parsed = kinds.parsed(str(room))
        if parsed is None:
            continue
        try:
            inside[room] = _let_in(viewer, room, *parsed, _number(offset))
        except AppError:
            continue
    return inside


def _number(offset: Any) -> int | None:
    return offset if isinstance(offset, int) and not isinstance(offset, bool) and offset >= 0 else None
