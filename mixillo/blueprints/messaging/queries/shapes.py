"""Conversations and messages as the API shows them: under the stored names, with what they name beside them."""

from collections.abc import Iterable
from typing import Any

from bson import ObjectId

from mixillo.blueprints.messaging.models import GIFT, NEWEST, PRIVATE, TEXT, Conversation, Message
from mixillo.blueprints.messaging.queries import presence
from mixillo.blueprints.products.queries import catalogue
from mixillo.blueprints.users.models import Block
from mixillo.blueprints.users.queries import people
from mixillo.core.security import Viewer

Document = dict[str, Any]
ById = dict[ObjectId, Document]
# What is left of somebody whose account is gone.
SOMEBODY: Document = people.SUMMARY
# Defaults for what documents of the existing database lack.
MESSAGE: Document = {
    "conversationId": None, "senderId": None, "type": TEXT, "clientId": None, "isRead": False, "readAt": None,
    "isDeleted": False, "createdAt": None,
}  # fmt: skip
# What a message says, and is not shown any more when it is deleted.
SAID: Document = {
    "text": None, "mediaUrl": None, "thumbnailUrl": None, "metadata": None, "productId": None, "giftId": None,
    "replyTo": None,
}  # fmt: skip
PLACE = ("latitude", "longitude", "name")
TALK: Document = {
    "participants": [], "type": PRIVATE, "groupName": None, "groupAvatar": None, "groupDescription": None,
    "adminId": None, "isEncrypted": False, "messagesCount": 0, "createdAt": None, "updatedAt": None,
}  # fmt: skip
# Of somebody whose account is gone.
NOTHING: Document = {"presence": None, "isBlocked": False}
OWN: Document = {"unreadCount": 0, "lastReadAt": None, "isMuted": False, "isArchived": False}


def standing(talk: Document, user_id: ObjectId) -> Document:
    """Return how somebody stands to a stored conversation."""
    return next((each for each in talk.get("participantStatus") or [] if each.get("userId") == user_id), {})


def messages(stored: list[Document]) -> list[Document]:
    """Return stored messages as everybody in their conversation is shown them; three small queries at most."""
    shown = [message for message in stored if not message.get("isDeleted")]
    senders = people.summaries(list({message["senderId"] for message in stored}))
    products = catalogue.by_ids(_named(shown, "productId"))
    answered = _answered(_named(shown, "replyTo"))
    return [_message(message, senders, products, answered) for message in stored]


def talks(stored: list[Document], viewer: Viewer) -> list[Document]:
    """Return stored conversations as ``viewer``, who is in them, is shown them."""
    last = _latest([talk["_id"] for talk in stored])
    known = people.summaries(list({user_id for talk in stored for user_id in talk["participants"]}))
    there = presence.of(stored, viewer)
    blocked = _blocked(viewer, list(known))
    beside = {each: {"presence": there.get(each), "isBlocked": each in blocked} for each in known}
    return [_talk(talk, viewer, last.get(talk["_id"]), known, beside) for talk in stored]


def changed(talk: Document) -> Document:
    """Return what is told of a group whose people or name have changed."""
    names = ("participants", "adminId", "groupName", "groupAvatar", "groupDescription")
    return {"conversationId": talk["_id"]} | {name: talk.get(name) for name in names}


def reactions(message: Document) -> list[Document]:
    """Return what people feel about a message."""
    found = message.get("reactions") or []
    return [{name: each.get(name) for name in ("userId", "emoji", "createdAt")} for each in found if each.get("userId")]


def _message(message: Document, senders: ById, products: ById, answered: ById) -> Document:
    made = {name: message.get(name, default) for name, default in MESSAGE.items()}
    is_deleted = bool(message.get("isDeleted"))
    said: Any = dict(SAID) if is_deleted else {name: message.get(name) for name in SAID}
    gift = _gift(message) if message.get("type") == GIFT and not is_deleted else None
    if gift or not said["metadata"]:
        said["metadata"] = None
    return made | said | {
        "_id": message["_id"],
        "id": message["_id"],
        "sender": senders.get(message["senderId"]) or {"_id": message["senderId"], **SOMEBODY},
        "content": said["text"],
        "location": None if is_deleted else _place(message.get("location")),
        "product": _product(products.get(said["productId"])),
        "gift": gift,
        "replyToMessage": answered.get(said["replyTo"]),
        "reactions": [] if is_deleted else reactions(message),
        "isDeleted": is_deleted,
    }  # fmt: skip


def _talk(talk: Document, viewer: Viewer, last: Document | None, known: ById, beside: ById) -> Document:
    made: Document = {name: talk.get(name, default) for name, default in TALK.items()}
    mine = standing(talk, viewer.id)
    members = [
        (known.get(user_id) or {"_id": user_id, **SOMEBODY}) | (beside.get(user_id) or NOTHING)
        for user_id in made["participants"]
    ]
    others = [member for member in members if member["_id"] != viewer.id]
    is_pair = made["type"] == PRIVATE
    return made | {
        "_id": talk["_id"],
        "id": talk["_id"],
        "members": members,
        "otherUser": others[0] if is_pair and others else None,
        "name": made["groupName"] if not is_pair else (others[0]["fullName"] if others else None),
        "lastMessage": None if last is None else last["text"],
        "latestMessage": last,
        "unreadCount": max(int(mine.get("unreadCount") or 0), 0),
        **{name: mine.get(name, default) for name, default in OWN.items() if name != "unreadCount"},
    }


def _blocked(viewer: Viewer, user_ids: list[ObjectId]) -> set[ObjectId]:
    """Return whom of ``user_ids`` the viewer blocks."""
    pairs = Block.collection().find(
        {"userId": viewer.id, "blockedUserId": {"$in": user_ids}}, {"_id": 0, "blockedUserId": 1}
    )
    return {pair["blockedUserId"] for pair in pairs}


def _latest(conversation_ids: list[ObjectId]) -> ById:
    """Return the last message of each conversation, as it is shown."""
    found = Conversation.collection().aggregate(
        [
            {"$match": {"_id": {"$in": conversation_ids}}},
            {"$project": {"_id": 1}},
            {
                "$lookup": {
                    "from": Message.collection().name,
                    "localField": "_id",
                    "foreignField": "conversationId",
                    "as": "last",
                    "pipeline": [{"$sort": dict(NEWEST)}, {"$limit": 1}],
                }
            },
            {"$unwind": "$last"},
        ]
    )
    return {shown["conversationId"]: shown for shown in messages([talk["last"] for talk in found])}


def _answered(message_ids: list[ObjectId]) -> ById:
    if not message_ids:
        return {}
    fields = {"senderId": 1, "type": 1, "text": 1, "isDeleted": 1}
    return {
        found["_id"]: {
            "_id": found["_id"],
            "senderId": found["senderId"],
            "type": found.get("type", TEXT),
            "text": None if found.get("isDeleted") else found.get("text"),
            "isDeleted": bool(found.get("isDeleted")),
        }
        for found in Message.collection().find({"_id": {"$in": message_ids}}, fields)
    }


def _named(stored: Iterable[Document], field: str) -> list[ObjectId]:
    return list({message[field] for message in stored if message.get(field)})


def _product(card: Document | None) -> Document | None:
    if card is None:
        return None
    images = card.get("images") or []
    return {name: card.get(name) for name in ("_id", "name", "slug", "price", "currency")} | {
        "imageUrl": images[0]["url"] if images else None
    }


def _gift(message: Document) -> Document:
    given = message.get("metadata") or {}
    return {
        "_id": message.get("giftId"),
        "name": given.get("giftName"),
        "icon": given.get("giftIcon"),
        "animation": given.get("giftAnimation"),
        "quantity": int(given.get("quantity") or 1),
    }


def _place(stored: Document | None) -> Document | None:
    if not stored or stored.get("latitude") is None:
        return None
    return {name: stored.get(name) for name in PLACE}
