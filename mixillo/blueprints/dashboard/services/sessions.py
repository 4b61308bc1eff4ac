"""Who is signed in to the dashboard, and for how long.

The browser holds an unguessable cookie; the database holds its SHA-256. A session ends after ``IDLE`` without a
request that a person made (cards that refresh themselves do not count), and after ``ABSOLUTE`` in any case.
"""

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.blueprints.dashboard.services import operators
from mixillo.blueprints.dashboard.services.operators import Operator
from mixillo.core import clock

COLLECTION = "operatorsessions"
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
# How long a password stands for the person at the keyboard when it comes to what cannot simply be taken back.
CONFIRMED_FOR = timedelta(minutes=15)
# Being seen is written down at most this often.
TOUCH_AFTER = timedelta(minutes=1)
REMEMBERED = 256
# Every request asks who is signed in, so it is one question: the session with its operator, unless disabled.
WITH_OPERATOR = [
    {
        "$lookup": {
            "from": operators.COLLECTION,
            "localField": "operatorId",
            "foreignField": "_id",
            "pipeline": [{"$match": {"disabledAt": None}}, {"$project": {"password": 0}}],
            "as": "operator",
        }
    }
]

Notice = dict[str, str]


@dataclass(frozen=True)
class Session:
    """A signed-in operator.

    ``id`` is the hash of the cookie, ``expires_at`` the end in any case, ``confirmed_at`` when the password was last
    given. ``notice`` is what is still to be told: ``{state, text}``.
    """

    id: str
    operator: Operator
    last_seen_at: datetime
    expires_at: datetime
    confirmed_at: datetime
    notice: Notice | None = None

    @property
    def live(self) -> bool:
        """Whether neither of the two limits has passed."""
        now = clock.now()
        return now < self.expires_at and now - self.last_seen_at < IDLE

    @property
    def recently_confirmed(self) -> bool:
        """Whether the password was given lately enough for dangerous actions."""
        return clock.now() - self.confirmed_at < CONFIRMED_FOR


class Memory:
    """The sessions that this process saw the database confirm, for when it cannot be asked.

    An operator needs the dashboard most while the database is down. What was confirmed before stays good for
    looking (never for changing anything) until its limits pass.
    """

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def keep(self, session: Session) -> None:
        """Remember ``session``, at most ``REMEMBERED`` of them."""
        self._sessions[session.id] = session
        self._sessions.move_to_end(session.id)
        if len(self._sessions) > REMEMBERED:
            self._sessions.popitem(last=False)

    def forget(self, session_id: str) -> None:
        """Forget the session: it has ended."""
        self._sessions.pop(session_id, None)

    def recall(self, cookie: str) -> Session | None:
        """Return the confirmed session of ``cookie`` while its limits have not passed."""
        session = self._sessions.get(identify(cookie))
        return session if session and session.live else None


memory = Memory()


def new_cookie() -> str:
    """Return the value of a new cookie: also for visitors, whose forms carry a token of it."""
    return clock.random_token()


def identify(cookie: str) -> str:
    """Return the id of the session of ``cookie``."""
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_token(cookie: str) -> str:
    """Return what a form must carry beside ``cookie``; neither tells the other."""
    return hmac.digest(cookie.encode("utf-8", "surrogatepass"), b"csrf", hashlib.sha256).hex()


def start(ops: Database, operator: Operator, *, address: str | None, agent: str) -> str:
    """Sign ``operator`` in and return the new cookie; the one from before signing in means nothing."""
    cookie, now = new_cookie(), clock.now()
    ops[COLLECTION].insert_one(
        {
            "_id": identify(cookie),
            "operatorId": operator.id,
            "address": address,
            "userAgent": agent[:200],
            "createdAt": now,
            "lastSeenAt": now,
            "confirmedAt": now,
            "expiresAt": now + ABSOLUTE,
        }
    )
    return cookie


def resume(ops: Database, cookie: str, *, active: bool) -> Session | None:
    """Return the session of ``cookie``; ``active`` says that a person made the request, not the page itself."""
    session_id = identify(cookie)
    session = _load(ops, session_id)
    if session is None or not session.live:
        memory.forget(session_id)
        return None
    now = clock.now()
    if active and now - session.last_seen_at >= TOUCH_AFTER:
        ops[COLLECTION].update_one({"_id": session_id}, {"$set": {"lastSeenAt": now}})
        session = replace(session, last_seen_at=now)
    memory.keep(session)
    return session


def confirm(ops: Database, session_id: str) -> None:
    """Note that the operator has just given the password again."""
    ops[COLLECTION].update_one({"_id": session_id}, {"$set": {"confirmedAt": clock.now()}})


def leave_notice(ops: Database, session_id: str, notice: Notice) -> None:
    """Leave something to be told on the next page that is opened."""
    ops[COLLECTION].update_one({"_id": session_id}, {"$set": {"notice": notice}})


def take_notice(ops: Database, session_id: str) -> Notice | None:
    """Return what was left to be told, once."""
    found = ops[COLLECTION].find_one_and_update({"_id": session_id}, {"$unset": {"notice": ""}}, {"notice": 1})
    return found.get("notice") if found else None


def end(ops: Database, session_id: str) -> None:
    """Sign out."""
    memory.forget(session_id)
    ops[COLLECTION].delete_one({"_id": session_id})


def _load(ops: Database, session_id: str) -> Session | None:
    stored: dict[str, Any] | None = next(
        ops[COLLECTION].aggregate([{"$match": {"_id": session_id}}, *WITH_OPERATOR]), None
    )
    if stored is None or not stored["operator"]:
        return None
    return Session(
        session_id,
        Operator.of(stored["operator"][0]),
        stored["lastSeenAt"],
        stored["expiresAt"],
        stored.get("confirmedAt", stored["createdAt"]),  # sessions of earlier revisions: signing in took a password
        stored.get("notice"),
    )
