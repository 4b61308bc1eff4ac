"""What people keep on their pages, and their close friends."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.stories.models import NEWEST, CloseFriend, Highlight
from mixillo.blueprints.stories.queries import sight
from mixillo.blueprints.stories.queries.sight import Circle
from mixillo.blueprints.users.queries import circles, people
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

Document = dict[str, Any]
ITEM = ("_id", "type", "mediaUrl", "thumbnailUrl", "duration", "caption", "musicId", "createdAt")


class HighlightNotFound(NotFound):
    """There is no such highlight, or none of the viewer's."""

    code, title = "highlight_not_found", "There is no such highlight"


def of_user(user_id: ObjectId, viewer: Viewer | None, query: Document) -> tuple[list[Document], Document]:
    """Return a page of somebody's highlights, the latest first, with what of each ``viewer`` may see.

    :raises UserNotFound: there is no such person for ``viewer``.
    :raises ProfileIsPrivate: it does not open to ``viewer``.
    """
    is_own = viewer is not None and viewer.id == user_id
    if not is_own:
        circles.check_open(user_id, viewer)
    found, pagination = paginate(Highlight.collection(), {"userId": user_id}, query, sort=NEWEST, hint="newest")
    around = sight.circle([user_id], viewer)
    shown = [highlight(stored, around) for stored in found]
    return [each for each in shown if each["items"] or is_own], pagination


def own(highlight_id: ObjectId, viewer: Viewer) -> Document:
    """Return a highlight of one's own as it is shown.

    :raises HighlightNotFound: there is none.
    """
    stored = Highlight.collection().find_one({"_id": highlight_id, "userId": viewer.id})
    if stored is None:
        raise HighlightNotFound
    return highlight(stored, sight.circle([viewer.id], viewer))


def highlight(stored: Document, around: Circle) -> Document:
    """Return a stored highlight as it is shown to the viewer of ``around``."""
    author = {"userId": stored["userId"]}
    items = [item for item in stored.get("items") or [] if around.sees(item | author)]
    return {
        "_id": stored["_id"],
        "id": stored["_id"],
        "userId": stored["userId"],
        "title": stored["title"],
        "coverUrl": stored.get("coverUrl") or next((item.get("thumbnailUrl") for item in items), None),
        "items": [{name: item.get(name) for name in ITEM} | {"visibility": sight.visibility(item)} for item in items],
        "count": len(items),
        "createdAt": stored["createdAt"],
        "updatedAt": stored.get("updatedAt"),
    }


def close_friends(user_id: ObjectId, query: Document) -> tuple[list[Document], Document]:
    """Return a page of somebody's close friends, the latest first."""
    fields = {"friendId": 1, "createdAt": 1}
    found, pagination = paginate(
        CloseFriend.collection(), {"userId": user_id}, query, sort=NEWEST, projection=fields, hint="newest"
    )
    known = people.summaries([pair["friendId"] for pair in found])
    return [known[pair["friendId"]] for pair in found if pair["friendId"] in known], pagination
