"""Whether one person may turn to another: nobody does across a block."""

from bson import ObjectId

from mixillo.blueprints.users.queries import relations
from mixillo.blueprints.users.queries.people import UserNotFound
from mixillo.core.security import Viewer
from mixillo.errors import Conflict


class Blocking(Conflict):
    """The viewer blocks this person."""

    code, title = "USER_BLOCKED", "You block this person"


def check_not_blocked(viewer: Viewer, user_id: ObjectId) -> None:
    """Refuse where one blocks the other; administrators reach also those who block them.

    :raises UserNotFound: the person blocks the viewer, who is not to learn that they are there.
    :raises Blocking: the viewer blocks them.
    """
    blocking = relations.blocking_between(viewer.id, user_id)
    if user_id in blocking and not viewer.is_admin:
        raise UserNotFound
    if viewer.id in blocking:
        raise Blocking("Unblock this person first.")
