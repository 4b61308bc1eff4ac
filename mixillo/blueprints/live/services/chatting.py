"""What is said in a stream: stored and numbered in the room in one transaction, so that nobody misses a line."""

from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.comments.services import words
from mixillo.blueprints.live import events
from mixillo.blueprints.live.models import LiveMessage, LiveParticipant, Livestream
from mixillo.blueprints.live.queries import chat, sight
from mixillo.blueprints.live.services import watching
from mixillo.blueprints.live.services.tally import MESSAGES, tally
from mixillo.blueprints.users.services import contact
from mixillo.core import audit_log, clock, ratelimits, realtime
from mixillo.core.db import transact
from mixillo.core.ratelimits import Rate
from mixillo.core.realtime import room_log
from mixillo.core.realtime.room_log import Logged, Told
from mixillo.core.security import Viewer
from mixillo.errors import Forbidden, NotFound, TooManyRequests

Document = dict[str, Any]
MOST_CHARACTERS = 300
# By person, however many sockets and instances they use.
LINES = Rate("live_chat", 20, 10)
LINES_OF_TEAM = Rate("live_chat_team", 100, 10)


class ChatClosed(Forbidden):
    """The host takes no lines."""

    code, title = "live_chat_closed", "The chat is closed"


class Muted(Forbidden):
    """The viewer may not write now."""

    code, title = "live_muted", "You may not write in this stream now"


class SlowMode(TooManyRequests):
    """Everybody writes once in so many seconds; ``retryAfter`` says when."""

    code, title = "live_slow_mode", "Slow mode: wait before you write again"


class MessageNotFound(NotFound):
    """There is no such line, or none that the viewer may remove."""

    code, title = "live_message_not_found", "There is no such message"


def say(viewer: Viewer, stream_id: ObjectId, text: str, client_id: str | None) -> Document:
    """Say something in a stream that one is in; return ``{id, seq}``.

    ``client_id`` makes repeating this harmless: the first line's place is returned.

    :raises StreamNotFound: there is none for the viewer any more.
    :raises NotOnAir: it has not begun, or is over.
    :raises Unwelcome: the viewer was kicked or banned.
    :raises ChatClosed: the host takes no lines.
    :raises Muted: the viewer may not write.
    :raises WordBlocked: the text has a word that is not welcome.
    :raises SlowMode: too soon after the line before.
    """
    if earlier := _earlier(viewer, stream_id, client_id):
        return earlier
    stream = sight.stored(stream_id)
    role = sight.role(stream, viewer)
    _check(viewer, stream, role, text)
    LiveMessage.ensure_collection()
    message = {
        "_id": ObjectId(), "livestreamId": stream_id, "userId": viewer.id, "text": text, "createdAt": clock.now(),
    } | ({"clientId": client_id} if client_id else {})  # fmt: skip
    shown = chat.line(message, chat.speakers([viewer.id])[viewer.id], role)
    room = events.room(stream_id)
    pause = int(stream.get("slowModeSeconds") or 0) if role == sight.VIEWER else 0
    if pause:  # who came back a moment ago may have no row yet
        watching.see(stream_id, [viewer.id])

    def work(session: ClientSession) -> list[Logged]:
        if pause:
            _take_turn(stream_id, viewer.id, pause, session)
        rows = realtime.told([(room, events.MESSAGE, {"livestreamId": stream_id, "message": shown})], session)
        LiveMessage.collection().insert_one(message | {"seq": rows[0].seq}, session=session)
        return rows

    try:
        rows = transact(work, turns_of=room_log.turns_of([room]))
    except DuplicateKeyError:  # the same line, at the same time
        if earlier := _earlier(viewer, stream_id, client_id):
            return earlier
        raise
    realtime.deliver(rows)
    tally.note(stream_id, MESSAGES)
    return {"id": message["_id"], "seq": rows[0].seq}


def remove(viewer: Viewer, stream_id: ObjectId, message_id: ObjectId) -> None:
    """Remove a line: one's own, or as one of the team anybody's. It is shown to nobody any more.

    :raises MessageNotFound: there is none that the viewer may remove.
    """
    stream = sight.find(stream_id, viewer)
    role = sight.role(stream, viewer)
    own = {} if role != sight.VIEWER else {"userId": viewer.id}
    room = events.room(stream_id)

    def work(session: ClientSession) -> list[Logged]:
        where = {"_id": message_id, "livestreamId": stream_id, "deletedAt": None} | own
        gone = {"$set": {"deletedAt": clock.now(), "deletedBy": viewer.id}}
        removed = LiveMessage.collection().find_one_and_update(where, gone, session=session)
        if removed is None:
            raise MessageNotFound
        told: list[Told] = [(room, events.MESSAGE_DELETED, {"livestreamId": stream_id, "messageId": message_id})]
        if stream.get("pinnedMessageId") == message_id:
            _set_pin(stream_id, None, session)
            told.append((room, events.PINNED, {"livestreamId": stream_id, "message": None}))
        if role == sight.ADMIN:
            _record(viewer, removed, session)
        return realtime.told(told, session)

    realtime.deliver(transact(work, turns_of=room_log.turns_of([room])))


def pin(viewer: Viewer, stream_id: ObjectId, message_id: ObjectId | None) -> Document | None:
    """Let a line stand above the others, or none, and return it as it is shown.

    :raises NotTheTeam: the viewer only watches.
    :raises MessageNotFound: there is no such line.
    """
    sight.of_team(stream_id, viewer)
    shown = chat.shown(stream_id, message_id) if message_id else None
    if message_id and shown is None:
        raise MessageNotFound
    room = events.room(stream_id)

    def work(session: ClientSession) -> list[Logged]:
        _set_pin(stream_id, message_id, session)
        return realtime.told([(room, events.PINNED, {"livestreamId": stream_id, "message": shown})], session)

    realtime.deliver(transact(work, turns_of=room_log.turns_of([room])))
    return shown


def muted_until(stream_id: ObjectId, viewer: Viewer) -> datetime | None:
    """Return until when somebody may not write in a stream; ``None`` where they may."""
    until: datetime | None = sight.participant(stream_id, viewer.id).get("mutedUntil")
    return until if until and until > clock.now() else None


def _check(viewer: Viewer, stream: Document, role: str, text: str) -> None:
    """Refuse who or what is not to be heard in a stored stream."""
    sight.check_on_air(stream)
    sight.check_welcome(stream, viewer)
    if role == sight.VIEWER:
        contact.check_not_blocked(viewer, stream["hostId"])
        if stream.get("allowComments") is False:
            raise ChatClosed
        if until := muted_until(stream["_id"], viewer):
            raise Muted(f"You may write again at {clock.timestamp(until)}.")
    if words.holds_back(text) and role == sight.VIEWER:
        raise words.WordBlocked("Please say it otherwise.")
    ratelimits.check(LINES if role == sight.VIEWER else LINES_OF_TEAM, f"user:{viewer.id}")


def _take_turn(stream_id: ObjectId, user_id: ObjectId, pause: int, session: ClientSession) -> None:
    """Note that somebody says something, unless that is too soon.

    :raises SlowMode: it is.
    """
    now = clock.now()
    theirs = {"livestreamId": stream_id, "userId": user_id}
    due = theirs | {"lastSaidAt": {"$not": {"$gt": now - timedelta(seconds=pause)}}}
    rows = LiveParticipant.collection()
    if rows.update_one(due, {"$set": {"lastSaidAt": now}}, session=session).matched_count:
        return
    last = (rows.find_one(theirs, {"lastSaidAt": 1}, session=session) or {}).get("lastSaidAt") or now
    left = max(1, round(pause - (now - last).total_seconds()))
    raise SlowMode(f"Slow mode: write again in {left} s.", headers={"Retry-After": str(left)}, retryAfter=left)


def _earlier(viewer: Viewer, stream_id: ObjectId, client_id: str | None) -> Document | None:
    """Return the place of a line that was said before under this id."""
    if not client_id:
        return None
    said = {"livestreamId": stream_id, "userId": viewer.id, "clientId": client_id}
    found = LiveMessage.collection().find_one(said, {"seq": 1})
    return {"id": found["_id"], "seq": int(found["seq"])} if found else None


def _set_pin(stream_id: ObjectId, message_id: ObjectId | None, session: ClientSession) -> None:
    Livestream.collection().update_one({"_id": stream_id}, {"$set": {"pinnedMessageId": message_id}}, session=session)


def _record(admin: Viewer, removed: Document, session: ClientSession) -> None:
    audit_log.record(
        "live.message_removed",
        actor={"kind": "user", "id": admin.id, "name": admin.username},
        target=LiveMessage.collection().name,
        target_id=removed["_id"],
        changes={"before": {"text": removed["text"]}, "after": None},
        session=session,
    )
