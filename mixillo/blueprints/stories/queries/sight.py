"""Who sees which story.

Above all stand people, as with posts: nobody sees what somebody shows who blocks them, or whom they block, or whose
account is closed; what a private profile shows is for those whom its owner follows. Administrators see everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.queries import sight as people_in_sight
from mixillo.blueprints.stories.models import CLOSE, FRIENDS, PRIVATE, PUBLIC, VISIBILITIES, CloseFriend
from mixillo.core.security import Viewer

Document = dict[str, Any]


@dataclass(frozen=True)
class Circle:
    """The authors of some stories, as they stand to the viewer; ``close`` are those whose close friend they are."""

    around: people_in_sight.Circle
    close: frozenset[ObjectId]

    def author(self, user_id: ObjectId) -> Document:
        """Return the short form of an author, who has to be in sight."""
        return self.around.authors[user_id]

    def sees(self, story: Document) -> bool:
        """Return whether the viewer may see a stored story, as long as it lasts."""
        around, author = self.around, story.get("userId")
        viewer = around.viewer
        if author not in around.authors:
            return False
        if viewer and (viewer.id == author or viewer.is_admin):
            return True
        if author in around.private and author not in around.followers:
            return False
        return self._is_meant(story, author, viewer.id if viewer else None)

    def _is_meant(self, story: Document, author: ObjectId, viewer_id: ObjectId | None) -> bool:
        meant_for = visibility(story)
        if meant_for == FRIENDS:
            return author in self.around.followed & self.around.followers
        if meant_for == CLOSE:
            return author in self.close
        return meant_for == PUBLIC or viewer_id in (story.get("allowedUsers") or [])


def visibility(story: Document) -> str:
    """Return whom a stored story is for; the existing system knows only public and private ones."""
    named = story.get("visibility")
    if named in VISIBILITIES:
        return str(named)
    return PRIVATE if story.get("isPrivate") else PUBLIC


def circle(author_ids: Iterable[ObjectId], viewer: Viewer | None) -> Circle:
    """Look at ``author_ids`` from where ``viewer`` stands; six small queries."""
    wanted = list(set(author_ids))
    around = people_in_sight.circle(wanted, viewer)
    if viewer is None:
        return Circle(around, frozenset())
    pairs = CloseFriend.collection().find({"friendId": viewer.id, "userId": {"$in": wanted}}, {"_id": 0, "userId": 1})
    return Circle(around, frozenset(pair["userId"] for pair in pairs))
