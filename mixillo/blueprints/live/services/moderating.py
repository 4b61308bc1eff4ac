"""What the host and moderators decide about the people in a stream, and what holds in it."""

from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.live import events
from mixillo.blueprints.live.models import LiveParticipant, Livestream
from mixillo.blueprints.live.queries import sight
from mixillo.blueprints.live.services import settling, telling
from mixillo.blueprints.users.queries import people
from mixillo.core import audit_log, clock, realtime
from mixillo.core.db import transact
from mixillo.core.realtime import room_log, rooms
from mixillo.core.realtime.room_log import Told
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, Forbidden

Document = dict[str, Any]
MOST_MODERATORS = 50
MOST_BANNED = 1_000


class OneOfTheTeam(Forbidden):
    """Nobody decides about the host, nor moderators about each other."""

    code, title = "live_one_of_the_team", "You cannot do that to them"


class TooMany(Conflict):
    """The list is full."""

    code, title = "live_list_full", "There are enough of them"


def mute(viewer: Viewer, stream_id: ObjectId, user_id: ObjectId, minutes: int) -> Document:
    """Let somebody not write for some minutes; return ``{userId, until}``.

    :raises NotTheTeam: the viewer only watches.
    :raises OneOfTheTeam: it is the host, or another moderator.
    :raises UserNotFound: there is no such person.
    """
    stream = _decided_about(viewer, stream_id, user_id)
    until = clock.now() + timedelta(minutes=minutes)
    told = _muted(stream_id, user_id, until)
    _change(
        viewer, stream, {"muted": user_id}, [told], lambda session: _note(stream, user_id, session, mutedUntil=until)
    )
    return {"_id": user_id, "userId": user_id, "until": until}


def unmute(viewer: Viewer, stream_id: ObjectId, user_id: ObjectId) -> None:
    """Let somebody write again; also fine when they may."""
    stream = sight.of_team(stream_id, viewer)
    told = _muted(stream_id, user_id, None)
    _change(
        viewer, stream, {"unmuted": user_id}, [told], lambda session: _note(stream, user_id, session, mutedUntil=None)
    )


def kick(viewer: Viewer, stream_id: ObjectId, user_id: ObjectId, minutes: int) -> Document:
    """Let somebody leave, and not come back for some minutes; return ``{userId, until}``.

    :raises NotTheTeam: the viewer only watches.
    :raises OneOfTheTeam: it is the host, or another moderator.
    :raises UserNotFound: there is no such person.
    """
    stream = _decided_about(viewer, stream_id, user_id)
    until = clock.now() + timedelta(minutes=minutes)
    told = _shown_out(stream_id, user_id, sight.Kicked.code)
    _change(
        viewer, stream, {"kicked": user_id}, told, lambda session: _note(stream, user_id, session, kickedUntil=until)
    )
    _visit_ends(stream_id, user_id)
    return {"_id": user_id, "userId": user_id, "until": until}


def ban(viewer: Viewer, stream_id: ObjectId, user_id: ObjectId, reason: str | None) -> Document:
    """Let somebody leave for good; return ``{userId, bannedAt, reason}``.

    :raises NotTheTeam: the viewer only watches.
    :raises OneOfTheTeam: it is the host, or another moderator.
    :raises UserNotFound: there is no such person.
    :raises TooMany: ``MOST_BANNED`` are.
    """
    stream = _decided_about(viewer, stream_id, user_id)
    banned = [each for each in stream.get("bannedUsers") or [] if each.get("userId") != user_id]
    if len(banned) >= MOST_BANNED:
        raise TooMany
    made = {"userId": user_id, "bannedAt": clock.now(), "reason": reason}

    def work(session: ClientSession) -> None:
        streams, of_stream = Livestream.collection(), {"_id": stream_id}
        streams.update_one(of_stream, {"$pull": {"bannedUsers": {"userId": user_id}}}, session=session)
        streams.update_one(
            of_stream, {"$push": {"bannedUsers": made}, "$pull": {"moderators": user_id}}, session=session
        )

    told = _shown_out(stream_id, user_id, sight.Unwelcome.code)
    _change(viewer, stream, {"banned": user_id, "reason": reason}, told, work)
    _visit_ends(stream_id, user_id)
    return {"_id": user_id} | made


def unban(viewer: Viewer, stream_id: ObjectId, user_id: ObjectId) -> None:
    """Let somebody in again, kicked or banned; also fine when they may come."""
    stream = sight.of_team(stream_id, viewer)

    def work(session: ClientSession) -> None:
        step = {"$pull": {"bannedUsers": {"userId": user_id}}}
        Livestream.collection().update_one({"_id": stream_id}, step, session=session)
        _note(stream, user_id, session, kickedUntil=None)

    _change(viewer, stream, {"unbanned": user_id}, [], work)


def banned(viewer: Viewer, stream_id: ObjectId) -> list[Document]:
    """Return who is banned from a stream, the latest last, with who they are beside it."""
    stream = sight.of_team(stream_id, viewer)
    rows = stream.get("bannedUsers") or []
    known = people.summaries([row["userId"] for row in rows])
    return [
        {
            "_id": row["userId"], "userId": row["userId"], "user": known.get(row["userId"]),
            "bannedAt": row.get("bannedAt"), "reason": row.get("reason"),
        }
        for row in rows
    ]  # fmt: skip


def appoint(host: Viewer, stream_id: ObjectId, user_id: ObjectId) -> Document:
    """Let somebody decide about the others; only the host does. Return ``{userId}``.

    :raises StreamNotFound: it is not the host's.
    :raises UserNotFound: there is no such person.
    :raises TooMany: ``MOST_MODERATORS`` are.
    """
    stream = sight.of_host(stream_id, host)
    people.check_is_there(user_id)
    others = [each for each in stream.get("moderators") or [] if each != user_id]
    if len(others) >= MOST_MODERATORS:
        raise TooMany
    Livestream.collection().update_one({"_id": stream_id}, {"$addToSet": {"moderators": user_id}})
    return {"_id": user_id, "userId": user_id}


def dismiss(host: Viewer, stream_id: ObjectId, user_id: ObjectId) -> None:
    """Take that back; also fine when they are no moderator."""
    sight.of_host(stream_id, host)
    Livestream.collection().update_one({"_id": stream_id}, {"$pull": {"moderators": user_id}})


def settle_rules(viewer: Viewer, stream_id: ObjectId, rules: Document) -> Document:
    """Change what holds in a stream (``slowModeSeconds``, ``allowComments``, ``allowGifts``) and return it all.

    :raises NotTheTeam: the viewer only watches.
    """
    before = sight.of_team(stream_id, viewer)
    after = before | rules
    told = telling.settings(after)

    def work(session: ClientSession) -> None:
        step = {"$set": rules | {"updatedAt": clock.now()}}
        Livestream.collection().update_one({"_id": stream_id}, step, session=session)

    _change(viewer, before, rules, [told], work)
    return told[2]


def _decided_about(viewer: Viewer, stream_id: ObjectId, user_id: ObjectId) -> Document:
    """Return the stored stream in which ``viewer`` may decide about somebody."""
    stream = sight.of_team(stream_id, viewer)
    people.check_is_there(user_id)
    is_moderator = user_id in (stream.get("moderators") or []) and sight.role(stream, viewer) == sight.MODERATOR
    if user_id == stream["hostId"] or is_moderator:
        raise OneOfTheTeam
    return stream


def _change(viewer: Viewer, stream: Document, what: Document, told: list[Told], work: Any) -> None:
    """Do ``work(session)`` and tell the room, together; what administrators do in another's stream is recorded."""

    def all_of_it(session: ClientSession) -> list[room_log.Logged]:
        work(session)
        if sight.role(stream, viewer) == sight.ADMIN:
            audit_log.record(
                "live.moderated",
                actor={"kind": "user", "id": viewer.id, "name": viewer.username},
                target=Livestream.collection().name,
                target_id=stream["_id"],
                changes={"before": None, "after": what},
                session=session,
            )
        return realtime.told(told, session)

    LiveParticipant.ensure_collection()
    turns = [stream["_id"], *room_log.turns_of(each[0] for each in told)]
    realtime.deliver(transact(all_of_it, turns_of=turns))


def _note(stream: Document, user_id: ObjectId, session: ClientSession, **until: datetime | None) -> None:
    """Write down what holds for somebody in a stream, who may never have been in there."""
    now = clock.now()
    new = {"joinedAt": now, "lastSeenAt": now, "createdAt": now, "isHere": False, "visits": 0, "watchSeconds": 0}
    LiveParticipant.collection().update_one(
        {"livestreamId": stream["_id"], "userId": user_id}, {"$set": until, "$setOnInsert": new},
        upsert=True, session=session,
    )  # fmt: skip


def _muted(stream_id: ObjectId, user_id: ObjectId, until: datetime | None) -> Told:
    shown = clock.timestamp(until) if until else None
    return events.room(stream_id), events.MUTED, {"livestreamId": stream_id, "userId": user_id, "until": shown}


def _shown_out(stream_id: ObjectId, user_id: ObjectId, reason: str) -> list[Told]:
    """Return what is told so that somebody learns why, and their sockets are in the room no more."""
    why = {"livestreamId": stream_id, "reason": reason}
    return [(realtime.user_room(user_id), events.KICKED, why), rooms.out(user_id, events.ROOM, stream_id)]


def _visit_ends(stream_id: ObjectId, user_id: ObjectId) -> None:
    settling.close_visits({"livestreamId": stream_id, "userId": user_id, "isHere": True}, clock.now())
