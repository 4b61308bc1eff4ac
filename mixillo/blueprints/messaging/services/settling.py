"""How somebody wants a conversation: muted, put away, left; and what a group is called."""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.messaging import events
from mixillo.blueprints.messaging.models import GROUP, Conversation
from mixillo.blueprints.messaging.queries import shapes, talks
from mixillo.core import clock, realtime
from mixillo.core.db import transact
from mixillo.core.realtime import room_log, rooms
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, Forbidden

Document = dict[str, Any]
OWN = ("isMuted", "isArchived")
NAMES = ("groupName", "groupAvatar", "groupDescription")


class NoGroup(Conflict):
    """The conversation is one of two people."""

    code, title = "not_a_group", "This is no group"


def change(viewer: Viewer, conversation_id: ObjectId, changes: Document) -> Document:
    """Change how one wants a conversation, and as its administrator what a group is called; return it.

    :raises ConversationNotFound: the viewer is not in such a conversation.
    :raises NoGroup: it has no name of its own.
    :raises Forbidden: only the administrator of the group names it.
    """
    own = {name: changes[name] for name in OWN if name in changes}
    names = {name: changes[name] for name in NAMES if name in changes}
    talk = talks.find(conversation_id, viewer)
    if names and talk.get("type") != GROUP:
        raise NoGroup
    if names and talk.get("adminId") != viewer.id:
        raise Forbidden("Only its administrator names a group.")
    rows = transact(
        lambda session: _change(viewer, conversation_id, own, names, session), turns_of=_turns(conversation_id)
    )
    realtime.deliver(rows)
    return talks.one(conversation_id, viewer)


def leave(viewer: Viewer, conversation_id: ObjectId) -> None:
    """Leave a group for good; what one has written stays. The one longest in it becomes its administrator.

    A conversation of two is put away: the other one may still write.

    :raises ConversationNotFound: the viewer is not in such a conversation.
    """
    rows = transact(lambda session: _leave(viewer, conversation_id, session), turns_of=_turns(conversation_id))
    realtime.deliver(rows)


def _turns(conversation_id: ObjectId) -> list[Any]:
    return [conversation_id, *room_log.turns_of([events.room(conversation_id)])]


def _change(
    viewer: Viewer, conversation_id: ObjectId, own: Document, names: Document, session: ClientSession
) -> list[room_log.Logged]:
    changes = {f"participantStatus.$.{name}": value for name, value in own.items()} | names
    if not changes:
        return []
    mine = {"_id": conversation_id, "participants": viewer.id, "participantStatus.userId": viewer.id}
    after = Conversation.collection().find_one_and_update(
        mine, {"$set": changes}, return_document=ReturnDocument.AFTER, session=session
    )
    if after is None:
        raise talks.ConversationNotFound
    return _tell(after, session) if names else []


def _leave(viewer: Viewer, conversation_id: ObjectId, session: ClientSession) -> list[room_log.Logged]:
    talk = talks.find(conversation_id, viewer, session)
    if talk.get("type") != GROUP:
        return _change(viewer, conversation_id, {"isArchived": True}, {}, session)
    others = [each for each in talk["participants"] if each != viewer.id]
    admin_id = talk.get("adminId")
    if admin_id == viewer.id or admin_id not in others:
        admin_id = others[0] if others else None
    after: Any = Conversation.collection().find_one_and_update(
        {"_id": conversation_id, "participantStatus.userId": viewer.id},
        {
            "$pull": {"participants": viewer.id},
            "$set": {
                "adminId": admin_id,
                "participantStatus.$.leftAt": clock.now(),
                "participantStatus.$.unreadCount": 0,
            },
        },
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return _tell(after, session, rooms.out(viewer.id, events.ROOM, conversation_id))


def _tell(talk: Document, session: ClientSession, *before: room_log.Told) -> list[room_log.Logged]:
    return realtime.told([*before, (events.room(talk["_id"]), events.CHANGED, shapes.changed(talk))], session)
