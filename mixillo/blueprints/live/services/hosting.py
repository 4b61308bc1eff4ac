"""Announcing a stream, going on the air, pausing and ending.

``go_live``, ``pause``, ``end`` and ``sign_of_life`` are also what the callbacks of a media server do.
"""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.live import events
from mixillo.blueprints.live.models import ENDED as OVER
from mixillo.blueprints.live.models import FAILED, LIVE, PAUSED, RUNNING, SCHEDULED, STARTING, Livestream
from mixillo.blueprints.live.queries import sight
from mixillo.blueprints.live.services import media, settling, states, telling
from mixillo.blueprints.users.models import ACTIVE, User
from mixillo.core import audit_log, clock, realtime
from mixillo.core.db import transact
from mixillo.core.realtime import room_log
from mixillo.core.realtime.room_log import Told
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, ValidationFailed

Document = dict[str, Any]
MOST_SCHEDULED = 50
BY_HOST, BY_ADMIN, NO_HOST, MEDIA_GONE, NEVER_BEGAN, CANCELLED, MISSED = (
    "host", "admin", "host_gone", "media_gone", "never_began", "cancelled", "missed",
)  # fmt: skip


class AlreadyRunning(Conflict):
    """The host has one stream at a time; ``livestreamId`` says which."""

    code, title = "live_already_running", "You are on the air already"


class TooManyScheduled(Conflict):
    """Nobody announces more at a time."""

    code, title = "live_too_many_scheduled", "You have announced enough"


def schedule(host: Viewer, fields: Document, stream_id: ObjectId) -> Document:
    """Announce a stream and return it as it is stored; ``stream_id`` makes repeating this harmless.

    :raises ValidationFailed: its moment is past, or somebody who is invited is not there.
    :raises TooManyScheduled: ``MOST_SCHEDULED`` are announced already.
    """
    streams = Livestream.collection()
    if earlier := streams.find_one({"_id": stream_id, "hostId": host.id}, sight.LIGHT):
        return earlier
    if fields["scheduledFor"] <= clock.now():
        raise ValidationFailed.of("scheduledFor", "Must be in the future.")
    if streams.count_documents({"hostId": host.id, "status": SCHEDULED}, limit=MOST_SCHEDULED) >= MOST_SCHEDULED:
        raise TooManyScheduled
    return _stored(host, fields, stream_id, SCHEDULED)


def start(host: Viewer, fields: Document, stream_id: ObjectId) -> Document:
    """Go on the air, or with ``rtmp`` get ready for it, and return the stored stream; repeating it is harmless.

    :raises AlreadyRunning: another stream of the host's runs.
    :raises ProviderNotAvailable: the provider is switched off.
    :raises ValidationFailed: somebody who is invited is not there.
    """
    if earlier := Livestream.collection().find_one({"_id": stream_id, "hostId": host.id}, sight.LIGHT):
        return earlier
    media.check_available(fields["provider"])
    state = media.first_state(fields["provider"])
    stream = _stored(host, fields, stream_id, state)
    if state == LIVE:
        telling.on_air(stream)
    return stream


def start_scheduled(host: Viewer, stream_id: ObjectId) -> Document:
    """Go on the air with what was announced, and return it.

    :raises StreamNotFound: it is not the host's.
    :raises AlreadyRunning: another stream of the host's runs.
    :raises ProviderNotAvailable: the provider is switched off.
    :raises WrongState: it is not announced any more.
    """
    stream = sight.of_host(stream_id, host)
    media.check_available(stream["provider"])
    state = media.first_state(stream["provider"])
    try:
        begun = _move(stream_id, state, sources=(SCHEDULED,))
    except DuplicateKeyError:
        raise _already(host.id) from None
    if state == LIVE:
        telling.on_air(begun)
    return begun


def go_live(stream_id: ObjectId) -> Document:
    """Bring a stream that gets ready, or pauses, on the air, and return it.

    :raises StreamNotFound: there is none.
    :raises WrongState: it is neither.
    """
    stream = _move(stream_id, LIVE, sources=(STARTING, PAUSED))
    if stream["startedAt"] == stream["statusAt"]:
        telling.on_air(stream)
    return stream


def resume(stream_id: ObjectId) -> Document:
    """Bring a stream that pauses back on the air.

    :raises WrongState: it does not pause, or it does because its media server hears nothing.
    """
    return _move(stream_id, LIVE, sources=(PAUSED,), also={"publisher.endsAt": None})


def pause(stream_id: ObjectId, also: Document | None = None, fields: Document | None = None) -> Document:
    """Let a stream pause and return it; ``also`` is what else must hold, ``fields`` are set with it.

    :raises StreamNotFound: there is none.
    :raises WrongState: it is not on the air.
    """
    return _move(stream_id, PAUSED, also=also, fields=fields)


def end(
    stream_id: ObjectId, reason: str = BY_HOST, *, actor: Document | None = None, also: Document | None = None
) -> Document:
    """End a stream and return it; the room is told with it, and what it was adds up.

    What somebody else than the host ends, an ``actor``, is in the audit log.

    :raises StreamNotFound: there is none.
    :raises WrongState: it has not begun, or is over.
    """
    before = sight.stored(stream_id)
    begun = before.get("startedAt")
    lasted = {"duration": max(0, round((clock.now() - begun).total_seconds()))} if begun else {"duration": 0}
    stream = _move(stream_id, OVER, fields=lasted, reason=reason, actor=actor, also=also)
    settling.settle(stream_id)
    telling.ended.send(stream=stream)
    return stream


def cancel(host: Viewer, stream_id: ObjectId) -> Document:
    """Call off what one has announced, and return it.

    :raises StreamNotFound: it is not the host's.
    :raises WrongState: it has begun, or was called off.
    """
    sight.of_host(stream_id, host)
    return fail(stream_id, CANCELLED, SCHEDULED)


def fail(stream_id: ObjectId, reason: str, source: str, also: Document | None = None) -> Document:
    """Note that a stream does not take place, and return it.

    :raises WrongState: it is not in the state ``source`` any more.
    """
    return _move(stream_id, FAILED, sources=(source,), also=also, fields={"failureReason": reason}, reason=reason)


def sign_of_life(stream_id: ObjectId) -> bool:
    """Note that the media of a stream arrive, or its host is in the room; return whether it runs at all."""
    running = {"_id": stream_id, "status": {"$in": RUNNING}}
    return Livestream.collection().update_one(running, {"$max": {"aliveAt": clock.now()}}).matched_count == 1


def _move(
    stream_id: ObjectId, to: str, *, reason: str = BY_HOST, actor: Document | None = None, **guard: Any
) -> Document:
    """Change the state, and tell the room in the same transaction."""

    def work(session: ClientSession) -> tuple[Document, list[room_log.Logged]]:
        stream = states.move(stream_id, to, session, **guard)
        if actor:
            _record("live.ended", actor, stream_id, {"reason": reason}, session)
        told: Told = telling.over(stream, reason) if to in (OVER, FAILED) else telling.settings(stream)
        return stream, realtime.told([told], session)

    stream, rows = transact(work, turns_of=[stream_id, *room_log.turns_of([events.room(stream_id)])])
    realtime.deliver(rows)
    return stream


def _record(action: str, actor: Document, stream_id: ObjectId, after: Document, session: ClientSession) -> None:
    audit_log.record(
        action,
        actor=actor,
        target=Livestream.collection().name,
        target_id=stream_id,
        changes={"before": None, "after": after},
        session=session,
    )


def _stored(host: Viewer, fields: Document, stream_id: ObjectId, state: str) -> Document:
    _check_invited(fields.get("allowedUsers") or [])
    now = clock.now()
    made = Livestream(
        id=stream_id, hostId=host.id, status=state, statusAt=now, createdAt=now, updatedAt=now,
        **media.names_of(str(stream_id)), **fields,
    )  # fmt: skip
    if state in RUNNING:
        made.aliveAt = now
    if state == LIVE:
        made.startedAt = now
    document: Document = made.to_mongo().to_dict()
    try:
        Livestream.collection().insert_one(document)
    except DuplicateKeyError:
        # The same request at the same time, or another stream.
        if same := Livestream.collection().find_one({"_id": stream_id, "hostId": host.id}, sight.LIGHT):
            return same
        raise _already(host.id) from None
    return document


def _already(host_id: ObjectId) -> AlreadyRunning:
    running = Livestream.collection().find_one({"hostId": host_id, "status": {"$in": RUNNING}}, {"_id": 1})
    return AlreadyRunning(livestreamId=str(running["_id"]) if running else None)


def _check_invited(invited: list[ObjectId]) -> None:
    if not invited:
        return
    there = set(User.collection().distinct("_id", {"_id": {"$in": invited}, "status": ACTIVE}))
    if missing := [str(each) for each in invited if each not in there]:
        raise ValidationFailed.of("allowedUsers", f"Not there: {', '.join(missing)}.")
