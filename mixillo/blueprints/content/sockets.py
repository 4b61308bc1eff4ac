"""Looking at a post over a socket: who has it open hears what others do with it."""

from bson import ObjectId

from mixillo.blueprints.content import events
from mixillo.blueprints.content.queries import browsing
from mixillo.core import realtime
from mixillo.core.realtime import kinds, rooms
from mixillo.core.realtime.asking import Data, asked
from mixillo.core.security import Viewer

kinds.declare(events.ROOM, lambda viewer, content_id: browsing.find(content_id, viewer))


@asked("video:join", events.LookSchema, does="looks at a post: hears likes, comments, shares and views of it")
def join(viewer: Viewer, data: Data) -> Data:
    """Enter the room of a post that one may see."""
    rooms.join(viewer, events.ROOM, ObjectId(data["contentId"]))
    realtime.reply(events.VIDEO_JOINED, data)
    return {}


@asked("video:leave", events.LookSchema, does="looks away from a post")
def leave(viewer: Viewer, data: Data) -> Data:
    """Leave the room of a post."""
    rooms.part(events.ROOM, ObjectId(data["contentId"]))
    realtime.reply(events.VIDEO_LEFT, data)
    return {}


@asked("video:comment_typing", events.TypingSchema, does="lets those who look at the post know that one is typing")
def typing(viewer: Viewer, data: Data) -> Data:
    """Tell the others in the room of a post that one is in."""
    rooms.be_inside(events.ROOM, ObjectId(data["contentId"]))
    told = {"contentId": data["contentId"], "userId": viewer.id, "username": viewer.username}
    realtime.emit_to_others(events.VIDEO_TYPING, told, room=events.room(data["contentId"]))
    return {}
