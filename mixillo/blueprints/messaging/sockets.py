"""Conversations over a socket: opened, written in, read; and how one is."""

from functools import partial

from bson import ObjectId

from mixillo.blueprints.messaging import events
from mixillo.blueprints.messaging.models import PRIVATE
from mixillo.blueprints.messaging.queries import talks
from mixillo.blueprints.messaging.schemas.given import OpenSchema, SocketMessageSchema, SocketReadSchema, StatusSchema
from mixillo.blueprints.messaging.schemas.shown import JoinedSchema, ReadOutcomeSchema, SentAnswerSchema
from mixillo.blueprints.messaging.services import admission, appearing, reading, sending
from mixillo.core import ratelimits, realtime
from mixillo.core.events import Event
from mixillo.core.realtime import kinds, rooms
from mixillo.core.realtime.asking import Data, asked
from mixillo.core.security import Viewer

kinds.declare(events.ROOM, lambda viewer, conversation_id: talks.find(conversation_id, viewer))


@asked("conversation:join", OpenSchema, does="opens a conversation that one is in", answer=JoinedSchema)
def join(viewer: Viewer, data: Data) -> Data:
    """Enter the room of a conversation."""
    seq = rooms.join(viewer, events.ROOM, data["conversationId"])
    realtime.reply(events.JOINED, {"conversationId": data["conversationId"]})
    return {"seq": seq}


@asked("conversation:leave", OpenSchema, does="closes a conversation; one stays in it")
def leave(viewer: Viewer, data: Data) -> Data:
    """Leave the room of a conversation."""
    rooms.part(events.ROOM, data["conversationId"])
    realtime.reply(events.LEFT, {"conversationId": data["conversationId"]})
    return {}


@asked("message:send", SocketMessageSchema, does="writes into a conversation; the same `clientId` again is the same "
       "message", answer=SentAnswerSchema)  # fmt: skip
def send(viewer: Viewer, data: Data) -> Data:
    """Write into a conversation; whether it is open on this socket does not matter."""
    ratelimits.check(sending.RATE, f"user:{viewer.id}")
    conversation_id = data.pop("conversationId")
    client_id = data.get("clientId")
    message_id = talks.message_id(viewer.id, conversation_id, client_id) if client_id else ObjectId()
    message = sending.send(viewer, conversation_id, data, message_id)
    told = {"conversationId": conversation_id, "messageId": message["_id"], "clientId": message["clientId"]}
    realtime.reply(events.SENT, told)
    return {"message": message}


@asked("message:read", SocketReadSchema, does="says how far one has read", answer=ReadOutcomeSchema)
def read(viewer: Viewer, data: Data) -> Data:
    """Read on in a conversation."""
    return reading.read(viewer, data["conversationId"], data.get("messageId"))


def _type(event: Event, viewer: Viewer, data: Data) -> Data:
    """Tell the others of a conversation that somebody writes something, or no more."""
    talk = talks.find(data["conversationId"], viewer)
    admission.check_may_write(viewer, talk)
    told = {"conversationId": talk["_id"], "userId": viewer.id}
    realtime.emit_to_others(event, told, room=events.room(talk["_id"]))
    if event is events.TYPING and talk.get("type", PRIVATE) == PRIVATE:
        for user_id in talk["participants"]:
            if user_id != viewer.id:
                realtime.emit_to_user(user_id, events.TYPING_FOR, told)
    return {}


asked("typing:start", OpenSchema, does="lets the others know that one writes something")(partial(_type, events.TYPING))
asked("typing", OpenSchema, does="the same (the mobile app's name)")(partial(_type, events.TYPING))
asked("typing:stop", OpenSchema, does="lets the others know that one writes no more")(partial(_type, events.STOPPED))


@asked(
    "presence:update", StatusSchema, does="says how one is: `online`, `away`, `busy`, or `offline` though one is there"
)
def say(viewer: Viewer, data: Data) -> Data:
    """Say how one is to those one has written to."""
    ratelimits.check(appearing.RATE, f"user:{viewer.id}")
    appearing.say(viewer, data["status"])
    return {}
