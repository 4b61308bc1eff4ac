"""Coming and going: those who are there and to whom somebody has written are told."""

from collections.abc import Iterable
from typing import Any

from bson import ObjectId

from mixillo.blueprints.messaging import events
from mixillo.blueprints.messaging.models import OFFLINE
from mixillo.blueprints.messaging.queries import presence
from mixillo.blueprints.users.models import User
from mixillo.core import clock
from mixillo.core.ratelimits import Rate
from mixillo.core.realtime import emit_to_user
from mixillo.core.realtime import presence as sockets
from mixillo.core.security import Viewer

Document = dict[str, Any]
# Each is told to many.
RATE = Rate.parse("presence", "30/minute")


def say(viewer: Viewer, status: str) -> None:
    """Say how one is: ``online``, ``away`` or ``busy``, until one has gone; ``offline`` hides that one is there."""
    User.collection().update_one({"_id": viewer.id}, {"$set": {"presenceStatus": status}})
    _tell([viewer.id], is_there=True)


@sockets.noticed.connect
def hear(_sender: Any, *, came: set[ObjectId], went: set[ObjectId]) -> None:
    """People have come to this process, or gone from it; those who are at another one are still there."""
    _tell(came, is_there=True)
    gone = went - sockets.online(went) if went else set()
    if gone:
        users, gone_now = User.collection(), {"_id": {"$in": list(gone)}}
        users.update_many(gone_now, {"$max": {"lastActiveAt": clock.now()}})
        users.update_many(gone_now | {"presenceStatus": {"$ne": OFFLINE}}, {"$unset": {"presenceStatus": ""}})
        _tell(gone, is_there=False)


def _tell(user_ids: Iterable[ObjectId], *, is_there: bool) -> None:
    fields = presence.FIELDS
    for user in User.collection().find({"_id": {"$in": list(user_ids)}}, fields):
        if not presence.is_shown(user):
            continue
        told = {"userId": user["_id"]} | presence.state(user, is_there)
        for other_id in presence.audience(user["_id"]):
            emit_to_user(other_id, events.PRESENCE, told)
