"""Taking quotes out of notifications: what somebody has taken back is not read there any more."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.notifications import events
from mixillo.blueprints.notifications.models import Notification
from mixillo.blueprints.notifications.queries import inbox, wishes
from mixillo.blueprints.notifications.services import telling

Document = dict[str, Any]


def clear(user_ids: list[ObjectId], kind: str, key: str, actor_id: ObjectId, quote: str) -> int:
    """Let what people were told of ``key`` (and of this ``kind``) end before ``quote``; return how many that were.

    Read ones too. Screens that show an unread one are told of it as it is now, without a noise; it keeps its id.
    """
    where = {"userId": {"$in": user_ids}, "type": kind, "groupKey": key, "senderId": actor_id}
    found = [each for each in Notification.collection().find(where, inbox.FIELDS) if each["body"].endswith(quote)]
    for stored in found:
        body = stored["body"].removesuffix(quote)
        still = {"_id": stored["_id"], "body": stored["body"]}
        if (
            Notification.collection().update_one(still, {"$set": {"body": body}}).modified_count
            and not stored["isRead"]
        ):
            _tell(stored | {"body": body})
    return len(found)


def _tell(stored: Document) -> None:
    user_id = stored["userId"]
    wanted = wishes.of([user_id]).get(user_id)
    if wanted:
        telling.deliver(events.TOLD, inbox.cards([stored])[0], wanted, inbox.unread(user_id), silent=True)
