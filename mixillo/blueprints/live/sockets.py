"""Being in a stream over a socket: chat, likes, gifts.

The events of older clients (``livestream:…``) do the same work. What the server tells has our names alone: telling
every line twice would double the work of a large room for clients that never received anything there.
"""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.live import events
from mixillo.blueprints.live.queries import chat, sight
from mixillo.blueprints.live.schemas import answered, asked
from mixillo.blueprints.live.services import chatting, giving, liking, showcase, watching
from mixillo.core import ratelimits, realtime
from mixillo.core.ratelimits import Rate
from mixillo.core.realtime import kinds, rooms
from mixillo.core.realtime.asking import Data
from mixillo.core.realtime.asking import asked as may_ask
from mixillo.core.security import Viewer

GIFTS = Rate.parse("gifts", "120/minute")
SAYS, LIKES, GIVES = "says something in a stream", "likes a stream, `count` times", "gives the host of a stream a gift"
JOINS, LEAVES = "comes to a stream: hears its chat, gifts and figures, and is counted", "leaves a stream"

kinds.declare(events.ROOM, sight.may_enter, counted=watching.counted)


@may_ask("live:join", asked.LiveEnterSchema, does=JOINS, answer=answered.LiveEnteredSchema)
def join(viewer: Viewer, data: Data) -> Data:
    """Enter the room of a stream that one may be in; with ``offset``, hear what came after it first."""
    return _enter(viewer, data)


@may_ask("live:leave", asked.LiveRoomSchema, does=LEAVES)
def leave(viewer: Viewer, data: Data) -> Data:
    """Leave the room of a stream."""
    return _leave(viewer, data)


@may_ask("live:chat", asked.LiveChatSchema, does=SAYS, answer=answered.LiveSaidSchema)
def say(viewer: Viewer, data: Data) -> Data:
    """Say something in a stream that one is in."""
    stream_id = _inside(data)
    return chatting.say(viewer, stream_id, data["text"], data.get("clientId"))


@may_ask("live:like", asked.LiveTapsSchema, does=LIKES)
def like(viewer: Viewer, data: Data) -> Data:
    """Count some taps in a stream that one is in."""
    liking.tap(viewer, _inside(data), data["count"])
    return {}


@may_ask("live:gift", asked.LiveGiveSchema, does=GIVES, answer=answered.LiveGivenSchema)
def gift(viewer: Viewer, data: Data) -> Data:
    """Give something in a stream that one is in."""
    return _give(viewer, data)


@may_ask("livestream:join", asked.LiveRoomSchema, does=f"{JOINS} (older name)", answer=answered.LiveEnteredSchema)
def older_join(viewer: Viewer, data: Data) -> Data:
    """Enter the room of a stream, and hear so by ``livestream:joined``."""
    done = _enter(viewer, data)
    realtime.reply(events.JOINED, {"livestreamId": data["livestreamId"]})
    return done


@may_ask("livestream:leave", asked.LiveRoomSchema, does=f"{LEAVES} (older name)")
def older_leave(viewer: Viewer, data: Data) -> Data:
    """Leave the room of a stream."""
    return _leave(viewer, data)


@may_ask("livestream:comment", asked.LiveCommentSchema, does=f"{SAYS} (older name)", answer=answered.LiveSaidSchema)
def older_comment(viewer: Viewer, data: Data) -> Data:
    """Say something in a stream that one is in."""
    return chatting.say(viewer, _inside(data), data["comment"], None)


@may_ask("livestream:gift", asked.LiveOlderGiftSchema, does=f"{GIVES} (older name)", answer=answered.LiveGivenSchema)
def older_gift(viewer: Viewer, data: Data) -> Data:
    """Give something in a stream that one is in."""
    return _give(viewer, data | {"giftId": data["gift"], "quantity": 1})


def _enter(viewer: Viewer, data: Data) -> Data:
    stream_id = ObjectId(data["livestreamId"])
    stream = sight.may_enter(viewer, stream_id)
    role = sight.role(stream, viewer)
    if role != sight.HOST:
        sight.check_on_air(stream)
        watching.see(stream_id, [viewer.id])
    seq = rooms.join(viewer, events.ROOM, stream_id, data.get("offset"))
    return {
        "room": events.room(stream_id),
        "seq": seq,
        "role": role,
        "status": stream["status"],
        "viewerCount": int(stream.get("currentViewers") or 0),
        "likesCount": int(stream.get("likesCount") or 0),
        "slowModeSeconds": int(stream.get("slowModeSeconds") or 0),
        "allowComments": stream.get("allowComments") is not False,
        "allowGifts": stream.get("allowGifts") is not False,
        "pinned": chat.shown(stream_id, stream["pinnedMessageId"]) if stream.get("pinnedMessageId") else None,
        "product": showcase.shown_now(stream_id),
        "mutedUntil": chatting.muted_until(stream_id, viewer),
    }


def _leave(viewer: Viewer, data: Data) -> Data:
    stream_id = ObjectId(data["livestreamId"])
    rooms.part(events.ROOM, stream_id)
    watching.leave(stream_id, viewer)
    return {}


def _inside(data: Data) -> ObjectId:
    stream_id = ObjectId(data["livestreamId"])
    rooms.be_inside(events.ROOM, stream_id)
    return stream_id


def _give(viewer: Viewer, data: dict[str, Any]) -> Data:
    stream_id = _inside(data)
    ratelimits.check(GIFTS, f"user:{viewer.id}")
    outcome = giving.give(viewer, stream_id, data, giving.record_id_of(viewer, data.get("clientId")))
    return {"transactionId": outcome["transaction"]["_id"], "newBalance": outcome["newBalance"]}
