"""Who may write to whom.

In a conversation of two nobody writes across a block, nor to an account that is closed. In a group both go on reading
each other, see decision 0021. A stranger, to whom the other
has never written, may write as far as the other's settings have it.
"""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.messaging.models import GROUP
from mixillo.blueprints.messaging.queries.shapes import standing
from mixillo.blueprints.users.models import User
from mixillo.blueprints.users.queries import people, relations
from mixillo.blueprints.users.queries.people import UserNotFound
from mixillo.blueprints.users.services import contact
from mixillo.core.security import Viewer
from mixillo.errors import Forbidden

Document = dict[str, Any]
EVERYONE, FOLLOWERS = "everyone", "followers"


class NotWelcome(Forbidden):
    """The other one takes no messages from strangers."""

    code, title = "messages_closed", "This person does not take your messages"


def check_may_write(sender: Viewer, talk: Document) -> None:
    """Let ``sender``, who is in the stored conversation ``talk``, write there.

    :raises UserNotFound: the other one is gone, or blocks the sender.
    :raises Blocking: the sender blocks them.
    :raises NotWelcome: the sender is a stranger, and may not.
    """
    other_id = check_reach(sender, talk)
    if other_id and not standing(talk, other_id).get("lastSentAt"):
        check_welcome(sender, other_id)


def check_reach(viewer: Viewer, talk: Document) -> ObjectId | None:
    """Let ``viewer`` do something that the other one of two notices, and return who that is; nobody in a group.

    :raises UserNotFound: the other one is gone, or blocks the viewer.
    :raises Blocking: the viewer blocks them.
    """
    if talk.get("type") == GROUP:
        return None
    other_id: ObjectId | None = next((each for each in talk["participants"] if each != viewer.id), None)
    if other_id is None:
        raise UserNotFound
    people.check_is_there(other_id)
    contact.check_not_blocked(viewer, other_id)
    return other_id


def check_welcome(sender: Viewer, user_id: ObjectId) -> None:
    """Let a stranger write to somebody.

    :raises NotWelcome: they do not want that.
    """
    if sender.is_admin:
        return
    user = User.collection().find_one({"_id": user_id}, {"privacySettings.allowMessages": 1}) or {}
    audience = (user.get("privacySettings") or {}).get("allowMessages") or EVERYONE
    if audience == EVERYONE:
        return
    if audience != FOLLOWERS or not relations.is_following(sender.id, user_id):
        raise NotWelcome("They take messages from followers only." if audience == FOLLOWERS else None)
