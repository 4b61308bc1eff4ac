"""Who is in which room, on this process; with Redis, what the other processes send to their rooms comes too."""

import time
from collections.abc import Iterator
from typing import Any

import structlog
from bson import ObjectId
from redis import Redis
from redis.exceptions import RedisError
from socketio import Manager, RedisManager

from mixillo.core import clock, json
from mixillo.core.realtime import kinds
from mixillo.core.realtime.delivery import ROOM_OUT, Deliveries
from mixillo.core.realtime.figures import DELIVERED, beaten, figures, in_room
from mixillo.core.realtime.presence import Presence
from mixillo.core.realtime.pulse import Pulse
from mixillo.core.realtime.room_log import WRITTEN_AT, Logged

CLIENTS, OPERATORS = "/", "/ops"
SESSION_ROOM = "session_"
SECONDS_TO_RING, SECONDS_OF_SILENCE = 0.5, 1.0
log = structlog.get_logger(__name__)


class Json:
    """The sockets' JSON, with the interface of the standard module that python-socketio expects."""

    @staticmethod
    def dumps(value: Any, **_keywords: Any) -> str:
        return json.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_keywords: Any) -> Any:
        return json.loads(text.encode() if isinstance(text, str) else text)  # Redis hands over bytes


class LocalManager(Manager):
    """Rooms of this process.

    What is logged is told in the order of the log, whoever sends it. Closing a session's room cuts its sockets, on
    every instance: the closing travels by the queue, and what is told in such a room says that it is over.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.deliveries = Deliveries(self._send, self._is_empty)
        self.presence = Presence(clock.random_token(9), self._sockets, self._count)
        self._pulse = Pulse(self._look_after, self._start)

    def emit(self, event: str, data: Any, namespace: str, room: str | None = None, **keywords: Any) -> None:
        """Send to the sockets of this process."""
        payload = data[0] if isinstance(data, tuple | list) and data else data
        if namespace == CLIENTS and isinstance(payload, dict) and "seq" in payload and payload.get("room") == room:
            # Not taken out of it: the same one still travels to the other instances.
            told = {name: value for name, value in payload.items() if name != WRITTEN_AT}
            self.deliveries.heard(Logged(told["room"], told["seq"], event, told, payload.get(WRITTEN_AT)))
        else:
            _note_delivery(namespace, room)
            super().emit(event, data, namespace, room=room, **keywords)

    def basic_close_room(self, room: str, namespace: str) -> None:
        if room.startswith(SESSION_ROOM):
            for socket_id, _ in list(self.get_participants(namespace, room)):
                self.server.disconnect(socket_id, namespace, ignore_queue=True)
        super().basic_close_room(room, namespace)

    def _send(self, event: str, payload: dict[str, Any], to: str) -> None:
        _note_delivery(CLIENTS, to)
        Manager.emit(self, event, payload, CLIENTS, room=to)
        if to.startswith(SESSION_ROOM):  # all that is ever told there is that it has ended
            self.basic_close_room(to, CLIENTS)
        if event == ROOM_OUT.name and payload["room"] == to:
            self._expel(payload["userId"], to)

    def _expel(self, user_id: str, room: str) -> None:
        """Take somebody's sockets on this process out of a room, before anything else is told there."""
        for socket_id in self._sockets(room):
            if str(self.presence.person(socket_id)) == user_id:
                self.basic_leave_room(socket_id, CLIENTS, room)

    def _is_empty(self, room: str) -> bool:
        return not self.rooms.get(CLIENTS, {}).get(room)

    def came(self, socket_id: str, user_id: ObjectId) -> None:
        """Note whose socket this is, and look after this process's sockets from now on."""
        self.presence.came(socket_id, user_id)
        self._pulse.wake()

    def _sockets(self, room: str) -> list[str]:
        return [socket_id for socket_id, _ in self.get_participants(CLIENTS, room)]

    def _count(self, room: str, people: set[ObjectId]) -> None:
        kind, thing_id = kinds.parsed(room) or (None, None)
        if kind and kind.counted and thing_id:
            kind.counted(thing_id, people)

    def _look_after(self) -> bool:
        """Tell rooms what nobody rang the bell for, and say who is where; return whether anybody is here."""
        self.deliveries.look()
        found = {room: kinds.parsed(room) for room in self.deliveries.rooms}
        self.presence.beat(room for room, parsed in found.items() if parsed and parsed[0].counted)
        beaten.send(None)
        return self.presence.is_anybody_here or bool(self.deliveries.rooms)

    def _start(self, work: Any) -> None:
        self.server.start_background_task(work)


def _note_delivery(namespace: str, room: str | None) -> None:
    if namespace == CLIENTS and (number := in_room(namespace, room)):
        figures.count(DELIVERED, number)


class QueueManager(RedisManager, LocalManager):
    """The same, with the other instances listening and heard.

    The queue is a bell, not the truth: while Redis is gone or does not answer, nobody waits for it, and the other
    instances find what is logged by themselves. It is listened to again within a second of its return.
    """

    def __init__(self, url: str, channel: str) -> None:
        super().__init__(url, channel=channel)
        self._bell = Redis.from_url(url, socket_connect_timeout=SECONDS_TO_RING, socket_timeout=SECONDS_TO_RING)
        self._silent_until = 0.0

    def _publish(self, data: Any) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            self._bell.publish(self.channel, Json.dumps(data))
        except RedisError as error:
            self._silent_until = time.monotonic() + SECONDS_OF_SILENCE
            log.warning("queue_lost", reason=str(error))

    def _listen(self) -> Iterator[bytes]:
        while True:
            try:
                with Redis.from_url(self.redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as heard:
                    heard.subscribe(self.channel)
                    for message in heard.listen():
                        yield message["data"]
            except RedisError as error:
                log.warning("queue_not_heard", reason=str(error))
                time.sleep(SECONDS_OF_SILENCE)
