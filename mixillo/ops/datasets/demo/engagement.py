"""Views of the posts, and what viewers did next: like, save, share, comment."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.demo.discussion import Discussion
from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

# How many of those who saw a post did it.
LIKE, SAVE, SHARE, COMMENT = 0.34, 0.06, 0.04, 0.12
FEWEST_VIEWS, MOST_VIEWS, TAIL, FOLLOWERS_PER_REACH = 3, 260, 1.25, 40
SCORES = {"likesCount": 3, "commentsCount": 5, "sharesCount": 8, "savesCount": 6, "viewsCount": 1}
PLATFORMS = ("instagram", "whatsapp", "telegram", "copy_link", "copy_link", "twitter", "other")
COLLECTIONS = ("default", "default", "recipes", "travel", "later")
DEVICES = ("ios", "ios", "android", "android", "android", "web")


class Engagement:
    """Rows about posts, made post by post; the counters of posts and authors grow with them."""

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people
        self._authors = {user["_id"]: user for user in people.users}
        self.discussion = Discussion(world, people)
        self.rows: dict[str, list[Document]] = defaultdict(list)

    def collect(self, posts: list[Document]) -> Iterator[tuple[str, list[Document]]]:
        """Yield the rows of each kind for all of ``posts``; what was said about them is in ``discussion``."""
        for post in posts:
            if post["status"] == "active":
                self._watch(post)
        for name in ("views", "likes", "saves", "shares"):
            yield name, self.rows[name]

    def _watch(self, post: Document) -> None:
        world = self._world
        reach = 0.5 + self._authors[post["userId"]]["followersCount"] / FOLLOWERS_PER_REACH
        count = min(MOST_VIEWS, 1 + int(FEWEST_VIEWS * reach * world.rng.paretovariate(TAIL)))
        crowd = self._people.popular(world, count // 2) + world.rng.choices(self._people.active, k=count - count // 2)
        seen: dict[ObjectId, datetime] = {}
        for viewer in crowd:
            since = max(post["createdAt"], viewer["createdAt"])
            at = world.between(since, world.moment, soon=3)
            self._view(post, viewer, at)
            first = seen.setdefault(viewer["_id"], at)
            seen[viewer["_id"]] = min(first, at)
        author = self._authors[post["userId"]]
        post["viewsCount"] = len(crowd)
        post["uniqueViewsCount"] = len(seen)
        author["viewsCount"] += len(crowd)
        seen.pop(author["_id"], None)
        self._react(post, seen)
        author["likesReceivedCount"] += post["likesCount"]
        post["feedScore"] = sum(post[counter] * weight for counter, weight in SCORES.items())

    def _view(self, post: Document, viewer: Document, at: datetime) -> None:
        length = post.get("duration", 10)
        watched = 1 + int(length * self._world.rng.random())
        fields = {
            "contentId": post["_id"],
            "userId": viewer["_id"],
            "watchTime": watched,
            "completionRate": min(100, 100 * watched // length),
            "device": self._world.pick(DEVICES),
            "country": self._people.homes[viewer["_id"]][1],
            "viewedAt": at,
        }
        self.rows["views"].append(self._world.make.bare("views", at, fields))

    def _react(self, post: Document, seen: dict[ObjectId, datetime]) -> None:
        chance = self._world.chance
        for viewer, at in seen.items():
            pair = {"userId": viewer, "contentId": post["_id"]}
            if chance(LIKE):
                self._row("likes", post, at, pair)
            if chance(SAVE):
                self._row("saves", post, at, pair | {"collection": self._world.pick(COLLECTIONS)})
            if chance(SHARE):
                self._share(post, at, pair)
        writers = [(viewer, at) for viewer, at in seen.items() if chance(COMMENT)]
        self.discussion.about(post, writers, list(seen))

    def _row(self, name: str, post: Document, at: datetime, fields: dict[str, Any]) -> None:
        self.rows[name].append(self._world.make.dated(name, at, fields))
        post[f"{name}Count"] += 1

    def _share(self, post: Document, at: datetime, pair: dict[str, Any]) -> None:
        fields = pair | {"platform": self._world.pick(PLATFORMS), "sharedAt": at}
        self.rows["shares"].append(self._world.make.bare("shares", at, fields))
        post["sharesCount"] += 1
