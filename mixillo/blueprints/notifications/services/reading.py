"""Reading notifications, and deleting them; other devices of their owner hear of it."""

from collections import Counter
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from mixillo.blueprints.notifications import events
from mixillo.blueprints.notifications.models import BROADCASTS, Notification
from mixillo.blueprints.notifications.queries import inbox
from mixillo.blueprints.notifications.queries.inbox import NotificationNotFound
from mixillo.core import clock
from mixillo.core.db import ops_database, transact
from mixillo.core.realtime import emit_to_user

Document = dict[str, Any]


def read(user_id: ObjectId, notification_id: ObjectId) -> Document:
    """Take note that somebody has read a notification of theirs, and return it; reading twice is reading once.

    :raises NotificationNotFound: there is none.
    """
    where = {"_id": notification_id, "userId": user_id, "isRead": False}

    def work(session: ClientSession) -> bool:
        changes = {"$set": {"isRead": True, "readAt": clock.now()}}
        stored = Notification.collection().find_one_and_update(where, changes, session=session)
        _count_readers([stored] if stored else [], session)
        return stored is not None

    is_new = transact(work)
    shown = inbox.one(user_id, notification_id)
    if is_new:
        _tell_of_one(user_id, notification_id)
    return shown


def read_all(user_id: ObjectId) -> int:
    """Take note that somebody has read everything, and return how much of it was new."""
    where = {"userId": user_id, "isRead": False}

    def work(session: ClientSession) -> int:
        unread = Notification.collection().find(
            where | {"broadcastId": {"$exists": True}}, {"broadcastId": 1}, session=session
        )
        _count_readers(list(unread), session)
        changes = {"$set": {"isRead": True, "readAt": clock.now()}}
        return Notification.collection().update_many(where, changes, session=session).modified_count

    number = transact(work)
    if number:
        emit_to_user(user_id, events.ALL_READ, {"unreadCount": 0})
    return number


def delete(user_id: ObjectId, notification_id: ObjectId) -> None:
    """Delete a notification of somebody's; what is told of once is not told again.

    :raises NotificationNotFound: there is none.
    """
    where = {"_id": notification_id, "userId": user_id}
    gone = Notification.collection().find_one_and_delete(where, projection={"isRead": 1})
    if gone is None:
        raise NotificationNotFound
    if not gone.get("isRead"):
        _tell_of_one(user_id, notification_id)


def _tell_of_one(user_id: ObjectId, notification_id: ObjectId) -> None:
    told = {"notificationId": str(notification_id), "unreadCount": inbox.unread(user_id)}
    emit_to_user(user_id, events.READ, told)


def _count_readers(read_now: list[Document], session: ClientSession) -> None:
    """Count who has read messages to many."""
    counts = Counter(each["broadcastId"] for each in read_now if each.get("broadcastId"))
    steps = [UpdateOne({"_id": each}, {"$inc": {"readCount": number}}) for each, number in sorted(counts.items())]
    if steps:
        ops_database()[BROADCASTS].bulk_write(steps, session=session)
