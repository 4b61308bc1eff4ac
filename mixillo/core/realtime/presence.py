"""Who is where: each instance says every two seconds whose sockets it holds in which room, and adds up what all say.

An instance that dies says nothing any more, and after fifteen seconds what it said counts no longer: the figures are
right again without anybody saying good-bye. Somebody with five tabs on three instances is one person.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from blinker import Signal
from bson import ObjectId
from pymongo import ReplaceOne
from pymongo.collection import Collection

from mixillo.core import clock
from mixillo.core.db import ops_database

COLLECTION = "presence"
# Rows that are older say nothing.
FRESH = timedelta(seconds=15)
# What has not changed is said again after so long.
SECONDS_BETWEEN_SIGNS = 5.0
# Everybody who has a socket is in here.
ONLINE = "online"
# Who has come to this process since the last beat, and who has gone from it: send(came=set, went=set). Whoever comes
# back in between was not away.
noticed = Signal()
# counted(room, people): how many different people are in a room, all instances together.
Counted = Callable[[str, set[ObjectId]], None]


@dataclass
class _Said:
    people: set[ObjectId] = field(default_factory=set)
    at: float = 0.0


class Presence:
    """The people of this process; ``participants(room)`` are the ids of the sockets in a room of it."""

    def __init__(self, instance: str, participants: Callable[[str], Iterable[str]], counted: Counted) -> None:
        self._instance = instance
        self._participants = participants
        self._counted = counted
        self._people: dict[str, ObjectId] = {}
        self._said: dict[str, _Said] = {}

    def came(self, socket_id: str, user_id: ObjectId) -> None:
        """Note whose socket this is."""
        self._people[socket_id] = user_id

    def went(self, socket_id: str) -> None:
        """Forget a socket."""
        self._people.pop(socket_id, None)

    def person(self, socket_id: str) -> ObjectId | None:
        """Return whose socket this is."""
        return self._people.get(socket_id)

    @property
    def is_anybody_here(self) -> bool:
        """Whether this process holds sockets, or has not said yet that it does not any more."""
        return bool(self._people or self._said)

    def beat(self, rooms: Iterable[str]) -> None:
        """Say who is in the counted ``rooms`` of this process, and count who is there on all instances.

        A room that the last one here has left since the last beat is counted once more.
        """
        here = {room: self._in(room) for room in rooms}
        left = [room for room in self._said if room not in here and room != ONLINE]
        before, now = self._said.get(ONLINE, _Said()).people, set(self._people.values())
        self._say(here | {ONLINE: now})
        for room, people in there([*here, *left]).items():
            self._counted(room, people)
        if now != before:
            noticed.send(came=now - before, went=before - now)

    def _in(self, room: str) -> set[ObjectId]:
        known = (self._people.get(socket_id) for socket_id in self._participants(room))
        return {user_id for user_id in known if user_id is not None}

    def _say(self, here: dict[str, set[ObjectId]]) -> None:
        """Write down what has changed, what was not said for a while, and what nobody is in any more."""
        now, moment = time.monotonic(), clock.now()
        here |= {room: set() for room in self._said if room not in here}
        changed = []
        for room, people in here.items():
            said = self._said.setdefault(room, _Said())
            if people == said.people and (not people or now - said.at < SECONDS_BETWEEN_SIGNS):
                continue
            self._said[room] = _Said(people, now)
            key = {"room": room, "instance": self._instance}
            changed.append(ReplaceOne({"_id": key}, {"people": list(people), "at": moment}, upsert=True))
        if changed:
            rows().bulk_write(changed, ordered=False)
        self._said = {room: said for room, said in self._said.items() if said.people}


def rows() -> Collection:
    """Return the collection of what instances say: ``{_id: {room, instance}, people: [id], at}``."""
    return ops_database()[COLLECTION]


def there(rooms: Iterable[str]) -> dict[str, set[ObjectId]]:
    """Return the people who are in each of ``rooms`` now, on all instances."""
    found: dict[str, set[ObjectId]] = {room: set() for room in rooms}
    fresh = clock.now() - FRESH
    for room in found:
        for row in rows().find(_of(room) | {"at": {"$gte": fresh}}):
            found[room].update(row["people"])
    return found


def online(user_ids: Iterable[ObjectId]) -> set[ObjectId]:
    """Return those of ``user_ids`` who have a socket open."""
    wanted = list(user_ids)
    said = rows().aggregate(
        [
            {"$match": _of(ONLINE) | {"at": {"$gte": clock.now() - FRESH}}},
            {"$project": {"people": {"$setIntersection": ["$people", wanted]}}},
        ]
    )
    return {user_id for row in said for user_id in row["people"]}


def _of(room: str) -> dict[str, Any]:
    return {"_id": {"$gt": {"room": room}, "$lt": {"room": room + "\0"}}}
