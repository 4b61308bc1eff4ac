"""What was told in which room, in order: the truth that clients who come back catch up from.

Each row of the log has the next number of its room, so that nobody can miss one without noticing. A number is given
away by storing the row: of two who want the same one, one is refused and takes the next. Rows are kept for a day. A
room without rows starts at the milliseconds of midnight (UTC): numbers never come again, and of two instances that tell
the first thing at the same moment both want the same one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from bson import MaxKey, MinKey
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.core import clock, json, turns
from mixillo.core.db import ops_database
from mixillo.core.events import Event

COLLECTION = "roomevents"
# Beside a payload on its way to the instances: when it was written down. Clients do not get it.
WRITTEN_AT = "_at"
LIFETIME = timedelta(days=1)
MOST_READ = 1_000
# Others take numbers of the same room meanwhile: so often is the next one tried.
MOST_TRIES = 50
LONGEST_TURN_SECONDS = 2.0
Told = tuple[str, Event, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Logged:
    """One row: ``payload`` as clients get it, ``seq`` and ``room`` included."""

    room: str
    seq: int
    event: str
    payload: dict[str, Any]
    # When it was written down, in seconds since 1970.
    at: float | None = None


class TooMuchAtOnce(RuntimeError):
    """Others took every number that was tried."""


def rows() -> Collection:
    """Return the collection of the log: ``{_id: {room, seq}, event, payload (JSON), at}``."""
    return ops_database()[COLLECTION]


def append(told: Sequence[Told], session: ClientSession | None = None) -> list[Logged]:
    """Store ``told`` (room, event, payload) behind what its rooms have, and return the rows.

    With ``session`` they are part of its transaction; hold the :func:`turns_of` the rooms around it. Deliver them
    after the commit.

    :raises TooMuchAtOnce: a room is written to by so many processes that no number was to be had.
    """
    if session is not None:
        # Who takes a number that another transaction took is told of a conflict, and starts again.
        return [_stored(each, session) for each in told]
    with turns.taken(turns_of(room for room, _, _ in told), LONGEST_TURN_SECONDS):
        return [_stored_at_last(each) for each in told]


def turns_of(rooms: Iterable[str]) -> list[tuple[str, str]]:
    """Return the keys of the turns of ``rooms``, for :func:`mixillo.core.db.transact`."""
    return [(COLLECTION, room) for room in dict.fromkeys(rooms)]


def last(room: str, session: ClientSession | None = None) -> int:
    """Return the number of the last row of ``room``; 0 where it has none."""
    row = rows().find_one(_between(room), {"_id": 1}, sort=[("_id", -1)], session=session)
    return int(row["_id"]["seq"]) if row else 0


def start(now: datetime) -> int:
    """Return the number before the first one of a room that begins now."""
    return int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 1000


def behind(room: str, after: int, until: int | None = None, limit: int = MOST_READ) -> list[Logged]:
    """Return up to ``limit`` rows of ``room`` with numbers above ``after``, up to ``until``, in order."""
    found = rows().find(_between(room, after, until), sort=[("_id", 1)], limit=limit)
    return [_read(row) for row in found]


def forget(rooms: Iterable[str], ops: Database | None = None) -> None:
    """Remove every row of ``rooms``, as when the person whose they are is gone."""
    kept = rows() if ops is None else ops[COLLECTION]
    for room in rooms:
        kept.delete_many(_between(room))


def heads_since(moment: datetime) -> dict[str, int]:
    """Return the last number of each room that was told something since ``moment``."""
    heads: dict[str, int] = {}
    for row in rows().find({"at": {"$gte": moment}}, {"_id": 1}):
        room, seq = row["_id"]["room"], row["_id"]["seq"]
        heads[room] = max(seq, heads.get(room, 0))
    return heads


def _between(room: str, after: int | None = None, until: int | None = None) -> dict[str, Any]:
    low = {"room": room, "seq": MinKey() if after is None else after}
    high = {"room": room, "seq": MaxKey() if until is None else until}
    return {"_id": {"$gt": low, "$lte": high}}


def _stored_at_last(told: Told) -> Logged:
    for _ in range(MOST_TRIES):
        try:
            return _stored(told)
        except DuplicateKeyError:
            continue  # another process took the number
    raise TooMuchAtOnce(told[0])


def _stored(told: Told, session: ClientSession | None = None) -> Logged:
    room, event, payload = told
    now = clock.now()
    seq = (last(room, session) or start(now)) + 1
    row = {"_id": {"room": room, "seq": seq}, "event": event.name, "payload": json.dumps(payload).decode(), "at": now}
    rows().insert_one(row, session=session)
    return _read(row)


def _read(row: dict[str, Any]) -> Logged:
    room, seq = row["_id"]["room"], int(row["_id"]["seq"])
    return Logged(room, seq, row["event"], _payload(row), row["at"].timestamp())


def _payload(row: dict[str, Any]) -> dict[str, Any]:
    return orjson.loads(row["payload"]) | {"room": row["_id"]["room"], "seq": int(row["_id"]["seq"])}
