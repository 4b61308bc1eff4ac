"""Who sees what: a post is public, for friends (who follow each other), or its author's alone.

Above that stand people: nobody sees what somebody posts who blocks them, or whom they block, or whose account is
closed; what a private profile posts is for those whom its owner follows. Administrators see everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.models import ACTIVE as PUBLISHED
from mixillo.blueprints.content.models import FRIENDS, PRIVATE, PUBLIC, VISIBILITIES
from mixillo.blueprints.users.models import ACTIVE, Follow, User
from mixillo.blueprints.users.queries import people, relations
from mixillo.core.security import Viewer

Document = dict[str, Any]
AUTHOR_FIELDS = [*people.SUMMARY, "privacySettings.isPrivate"]


@dataclass
class Circle:
    """The authors of some posts, by id, as far as they are there for the viewer, and how they stand to each other."""

    viewer: Viewer | None
    authors: dict[ObjectId, Document] = field(default_factory=dict)
    followed: set[ObjectId] = field(default_factory=set)
    followers: set[ObjectId] = field(default_factory=set)
    private: set[ObjectId] = field(default_factory=set)

    def sees(self, post: Document) -> bool:
        """Return whether the viewer sees a stored ``post`` that is published and not deleted."""
        author = post.get("userId")
        if author not in self.authors:
            return False
        if self.viewer and (self.viewer.id == author or self.viewer.is_admin):
            return True
        if post.get("isDeleted") or post.get("status") != PUBLISHED:
            return False
        if author in self.private and author not in self.followers:
            return False
        meant_for = visibility(post)
        return meant_for == PUBLIC or (meant_for == FRIENDS and author in self.followed & self.followers)


def visibility(post: Document) -> str:
    """Return whom a stored ``post`` is for; the existing system knows only public and private ones."""
    named = post.get("visibility")
    if named in VISIBILITIES:
        return str(named)
    return PRIVATE if post.get("isPrivate") else PUBLIC


def circle(author_ids: Iterable[ObjectId], viewer: Viewer | None) -> Circle:
    """Look at ``author_ids`` from where ``viewer`` stands; three small queries at most."""
    wanted = list(set(author_ids))
    is_admin = viewer is not None and viewer.is_admin
    there = {"_id": {"$in": wanted}} | ({} if is_admin else {"status": ACTIVE})
    found = list(User.collection().find(there, AUTHOR_FIELDS))
    seen = Circle(viewer)
    hidden: set[ObjectId] = set()
    if viewer:
        hidden = set() if is_admin else set(relations.hidden_between(viewer.id))
        seen.followed = _others(wanted, "followingId", followerId=viewer.id)
        seen.followers = _others(wanted, "followerId", followingId=viewer.id)
    for author in found:
        if author["_id"] not in hidden:
            seen.authors[author["_id"]] = {"_id": author["_id"]} | {
                name: author.get(name, default) for name, default in people.SUMMARY.items()
            }
            if people.is_private(author):
                seen.private.add(author["_id"])
    return seen


def _others(people_ids: list[ObjectId], other: str, **viewer: ObjectId) -> set[ObjectId]:
    pairs = Follow.collection().find(viewer | {other: {"$in": people_ids}}, {"_id": 0, other: 1})
    return {pair[other] for pair in pairs}
