"""Sessions: one document per sign-in, which is also the family of its refresh tokens.

A refresh token is good once. The document knows the ``jti`` of the token that is good now and of the one before:
using the one before shortly afterwards is a lost answer or a second tab, anything older is a stolen token.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

import structlog
from bson import ObjectId
from bson.errors import InvalidId
from flask import current_app
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from mixillo.core import clock, realtime, tokens
from mixillo.core.db import ops_database
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

log = structlog.get_logger(__name__)
GRACE = timedelta(seconds=10)
USER_AGENT_LENGTH = 300
LOGGED_OUT, ENDED_BY_USER, REUSED = "logged_out", "ended_by_user", "refresh_token_reused"
PASSWORD_CHANGED, PASSWORD_RESET = "password_changed", "password_reset"


@dataclass(frozen=True)
class Origin:
    """Where a request comes from."""

    address: str
    user_agent: str = ""

    @property
    def network(self) -> str:
        """The address, or of an IPv6 address the /64 that one customer has."""
        try:
            parsed = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
            return str(IPv6Address(int(parsed) >> 64 << 64))
        return str(parsed)


class SessionNotFound(NotFound):
    """There is no such session of this person."""

    code, title = "SESSION_NOT_FOUND", "There is no such session"


def collection() -> Collection:
    """Return the stored sessions."""
    return ops_database()["sessions"]


def start(user_id: ObjectId, origin: Origin) -> dict[str, Any]:
    """Begin a session and return its document."""
    session = {"_id": ObjectId(), "userId": user_id, "previousJti": None, "rotatedAt": None, "revokedAt": None}
    session |= _renewed(origin)
    session["createdAt"] = session["lastSeenAt"]
    collection().insert_one(session)
    return session


def rotate(token: str, origin: Origin) -> dict[str, Any]:
    """Use a refresh token up and return its session, whose token is the successor.

    Parallel uses of one token get the same successor: one update wins, the others find themselves in its grace.

    :raises InvalidRefreshToken: it is not one of ours.
    :raises RefreshTokenExpired: it was.
    :raises TokenRevoked: the session has ended, or ends now because the token had been used before.
    """
    claims = tokens.decode_refresh_token(token)
    try:
        family = {"_id": ObjectId(claims["sid"]), "userId": ObjectId(claims["sub"])}
    except (InvalidId, TypeError):
        raise tokens.InvalidRefreshToken from None
    used = claims["jti"]
    change = _renewed(origin) | {"previousJti": used}
    change["rotatedAt"] = change["lastSeenAt"]
    current = family | {"jti": used, "revokedAt": None}
    session = collection().find_one_and_update(current, {"$set": change}, return_document=ReturnDocument.AFTER)
    return session or _successor(family, used)


def _successor(family: dict[str, Any], used: str) -> dict[str, Any]:
    """Return the session again if ``used`` was rotated a moment ago; otherwise end it.

    :raises TokenRevoked:
    """
    session = collection().find_one(family)
    if session is None or session["revokedAt"]:
        raise tokens.TokenRevoked("The session has ended; sign in again.")
    if session["previousJti"] == used and clock.now() - session["rotatedAt"] <= GRACE:
        return session
    with suppress(SessionNotFound):  # ended by a parallel use of the same token
        end(session["_id"], session["userId"], REUSED)
    log.warning("refresh_token_reused", userId=str(session["userId"]), sessionId=str(session["_id"]))
    raise tokens.TokenRevoked("This refresh token was used before, so the session was ended; sign in again.")


def is_alive(session_id: ObjectId, user_id: ObjectId) -> bool:
    """Return whether the session is that person's and has neither ended nor expired."""
    alive = {"_id": session_id, "userId": user_id, "revokedAt": None, "expiresAt": {"$gt": clock.now()}}
    return collection().find_one(alive, {"_id": 1}) is not None


def is_known(user_id: ObjectId, network: str) -> bool:
    """Return whether the person signed in from there within the life of a session."""
    return collection().find_one({"userId": user_id, "network": network}, {"_id": 1}) is not None


def listing(
    user_id: ObjectId, current_id: ObjectId, query: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return a page of the person's live sessions, the latest used first, and its ``pagination``."""
    fields = dict.fromkeys(("createdAt", "lastSeenAt", "expiresAt", "address", "userAgent"), 1)
    where = {"userId": user_id, "revokedAt": None}
    found, pagination = paginate(collection(), where, query, sort=[("lastSeenAt", -1), ("_id", -1)], projection=fields)
    shown = [{**session, "id": session["_id"], "isCurrent": session["_id"] == current_id} for session in found]
    return shown, pagination


def end(session_id: ObjectId, user_id: ObjectId, reason: str) -> None:
    """End one session of a person: its tokens are refused from now on, its sockets are cut.

    :raises SessionNotFound: it is not theirs, or has ended.
    """
    alive = {"_id": session_id, "userId": user_id, "revokedAt": None}
    if not collection().update_one(alive, _revoked(reason)).modified_count:
        raise SessionNotFound
    realtime.end_sessions([session_id], reason)


def end_all(user_id: ObjectId, reason: str, *, but: ObjectId | None = None) -> int:
    """End all sessions of a person, ``but`` one if named, and return how many there were."""
    ended = revoke_all(user_id, reason, but=but)
    realtime.end_sessions(ended, reason)
    return len(ended)


def revoke_all(
    user_id: ObjectId, reason: str, session: ClientSession | None = None, *, but: ObjectId | None = None
) -> list[ObjectId]:
    """Let the tokens of all sessions of a person be refused, within a transaction if there is one.

    Return the sessions, whose sockets :func:`~mixillo.core.realtime.end_sessions` is to cut after the commit.
    """
    alive = {"userId": user_id, "revokedAt": None} | ({"_id": {"$ne": but}} if but else {})
    ended = [found["_id"] for found in collection().find(alive, {"_id": 1}, session=session)]
    collection().update_many({"_id": {"$in": ended}}, _revoked(reason), session=session)
    return ended


def _renewed(origin: Origin) -> dict[str, Any]:
    """Return what a sign-in and a refresh set: the token that is good now, until when, and where it went."""
    now = clock.now()
    return {
        "jti": clock.random_token(),
        "lastSeenAt": now,
        "expiresAt": now + timedelta(days=current_app.config["SETTINGS"].refresh_token_days),
        "address": origin.address,
        "network": origin.network,
        "userAgent": origin.user_agent[:USER_AGENT_LENGTH],
    }


def _revoked(reason: str) -> dict[str, Any]:
    return {"$set": {"revokedAt": clock.now(), "revokedReason": reason}}
