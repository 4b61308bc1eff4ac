"""What somebody was told: lists, single ones, how many are unread."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.notifications.models import NEWEST, Notification
from mixillo.blueprints.users.queries import people
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]
# Projection and defaults in one: documents of the existing database lack what was added later.
CARD: Document = {
    "userId": None,
    "type": "",
    "title": "",
    "body": "",
    "imageUrl": None,
    "senderId": None,
    "actors": None,
    "count": 1,
    "relatedContentId": None,
    "relatedType": None,
    "actionUrl": None,
    "actionData": None,
    "isRead": False,
    "readAt": None,
    "priority": "normal",
    "firstAt": None,
    "createdAt": None,
}
FIELDS = dict.fromkeys([*CARD, "broadcastId"], 1)


class NotificationNotFound(NotFound):
    """There is no such notification of the viewer's."""

    code, title = "notification_not_found", "There is no such notification"


def page(user_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of what somebody was told, the latest first; ``type`` and ``unreadOnly`` narrow it down."""
    where: Document = {"userId": user_id}
    hint = "newest"
    if "type" in query:
        where["type"], hint = query["type"], "newest_of_type"
    if query["unreadOnly"]:
        where["isRead"], hint = False, "newest_unread" if "type" not in query else hint
    found, pagination = paginate(Notification.collection(), where, query, sort=NEWEST, projection=FIELDS, hint=hint)
    return cards(found), pagination


def unread(user_id: ObjectId) -> int:
    """Return how many notifications somebody has not read."""
    return Notification.collection().count_documents({"userId": user_id, "isRead": False})


def one(user_id: ObjectId, notification_id: ObjectId) -> Document:
    """Return a notification of somebody's as it is shown.

    :raises NotificationNotFound: there is none.
    """
    found = Notification.collection().find_one({"_id": notification_id, "userId": user_id}, FIELDS)
    if found is None:
        raise NotificationNotFound
    return cards([found])[0]


def cards(found: list[Document]) -> list[Document]:
    """Return stored notifications as they are shown, with the people beside them who are still there."""
    everybody = {each for stored in found for each in _people(stored)}
    known = people.summaries(list(everybody)) if everybody else {}
    return [card(stored, known) for stored in found]


def card(stored: Document, known: dict[ObjectId, Document]) -> Document:
    """Return a stored notification as it is shown; ``known`` are the short forms of people by id."""
    made = {name: stored.get(name, default) for name, default in CARD.items()}
    sender = known.get(made["senderId"]) if made["senderId"] else None
    data = made.pop("actionData")
    return made | {
        "_id": stored["_id"],
        "id": stored["_id"],
        "message": made["body"],
        "image": made["imageUrl"],
        "actorId": made["senderId"],
        "sender": sender,
        "fromUser": sender,
        "actors": [known[each] for each in _people(stored) if each in known],
        "count": made["count"] or 1,
        "link": made["actionUrl"],
        "data": data if isinstance(data, dict) else None,
        "read": made["isRead"],
    }


def _people(stored: Document) -> list[ObjectId]:
    """Return who did it, the latest first."""
    latest = stored.get("actors") or ([stored["senderId"]] if stored.get("senderId") else [])
    return list(latest)
