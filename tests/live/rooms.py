"""What people do in the room of a stream, and what was told in it."""

from typing import Any

from mixillo.core.realtime import room_log
from tests.connecting import Connect
from tests.sockets import Socket

Document = dict[str, Any]


def about(stream: Document, **more: Any) -> Document:
    return {"livestreamId": str(stream["_id"])} | more


def room(stream: Document) -> str:
    return f"live_{stream['_id']}"


def joined(connect: Connect, user: Document, stream: Document) -> Socket:
    socket = connect(user)
    answer = socket.ask("live:join", about(stream))
    assert answer["ok"], answer
    return socket


def lines(socket: Socket) -> list[str]:
    return [told["message"]["text"] for told in socket.told("live:message")]


def told(stream: Document) -> list[str]:
    return [row.event for row in room_log.behind(room(stream), 0)]


def log_of(stream: Document) -> list[tuple[str, int]]:
    return [(row.event, row.seq) for row in room_log.behind(room(stream), 0)]
