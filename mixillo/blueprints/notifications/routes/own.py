"""One's own notifications."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.notifications.events import NotificationSchema
from mixillo.blueprints.notifications.queries import inbox, wishes
from mixillo.blueprints.notifications.routes.blueprint import blueprint
from mixillo.blueprints.notifications.schemas.given import NotificationsQuery, PreferencesChangesSchema
from mixillo.blueprints.notifications.schemas.shown import PreferencesSchema
from mixillo.blueprints.notifications.services import preferring, reading
from mixillo.core.api import Reply
from mixillo.core.schemas import PaginationSchema
from mixillo.core.security import current_viewer, login_required

NOTIFICATION = fields.Nested(NotificationSchema, required=True)
PREFERENCES = fields.Nested(PreferencesSchema, required=True)
COUNT = fields.Integer(required=True)
WISHES = {
    "types": {"like": {"push": False}, "order": {"email": True}},
    "quietHours": {"enabled": True, "start": "22:00", "end": "07:00", "timezone": "UTC"},
}


@blueprint.get("")
@login_required()
@blueprint.takes(NotificationsQuery)
@blueprint.returns(
    200,
    notifications=fields.List(fields.Nested(NotificationSchema), required=True),
    unreadCount=COUNT,
    pagination=fields.Nested(PaginationSchema, required=True),
)
def list_notifications(query: dict[str, Any]) -> dict[str, Any]:
    """List what one was told

    The latest first. What happens to one thing before it is read is one notification: `ada and 12 others liked your
    post`.
    """
    found, pagination = inbox.page(current_viewer().id, query)
    return {"notifications": found, "unreadCount": inbox.unread(current_viewer().id), "pagination": pagination}


@blueprint.get("/unread-count")
@login_required()
@blueprint.returns(200, unreadCount=COUNT, count=COUNT)
def count_unread() -> dict[str, Any]:
    """Count what one has not read

    `count` is the same.
    """
    number = inbox.unread(current_viewer().id)
    return {"unreadCount": number, "count": number}


@blueprint.get("/preferences")
@login_required()
@blueprint.returns(200, preferences=PREFERENCES)
def show_preferences() -> dict[str, Any]:
    """Show how one wants to be told

    Of each type: `inApp` keeps it in the list, `push` lets it ring, `email` mails it. The switches of the account
    (`notificationSettings`) go before these.
    """
    return {"preferences": wishes.show(current_viewer().id)}


@blueprint.put("/preferences")
@blueprint.patch("/preferences")
@login_required()
@blueprint.accepts(PreferencesChangesSchema, example=WISHES)
@blueprint.returns(200, preferences=PREFERENCES)
def change_preferences(body: dict[str, Any]) -> Reply:
    """Change how one wants to be told

    What is not sent stays as it is. During quiet hours everything arrives silently.
    """
    return Reply({"preferences": preferring.change(current_viewer().id, body)}, "Preferences updated")


@blueprint.put("/read-all")
@login_required()
@blueprint.returns(200, modifiedCount=COUNT)
def read_all() -> Reply:
    """Take everything as read

    `modifiedCount` is how much of it was new.
    """
    return Reply({"modifiedCount": reading.read_all(current_viewer().id)}, "All read")


@blueprint.get("/<id:notification_id>")
@login_required()
@blueprint.returns(200, notification=NOTIFICATION)
@blueprint.refuses(404)
def show_notification(notification_id: ObjectId) -> dict[str, Any]:
    """Show one of one's own notifications

    That does not take it as read.
    """
    return {"notification": inbox.one(current_viewer().id, notification_id)}


@blueprint.put("/<id:notification_id>/read")
@login_required()
@blueprint.returns(200, notification=NOTIFICATION)
@blueprint.refuses(404)
def read_notification(notification_id: ObjectId) -> dict[str, Any]:
    """Take a notification as read

    More of the same makes a new one from then on.
    """
    return {"notification": reading.read(current_viewer().id, notification_id)}


@blueprint.delete("/<id:notification_id>")
@login_required()
@blueprint.returns(200)
@blueprint.refuses(404)
def delete_notification(notification_id: ObjectId) -> Reply:
    """Delete a notification

    One's own.
    """
    reading.delete(current_viewer().id, notification_id)
    return Reply({}, "Notification deleted")
