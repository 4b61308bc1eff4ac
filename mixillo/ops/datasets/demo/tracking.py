"""The demo's tracked events of the last week: what left a row in it, and the browsing around that."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.demo.people import People
from mixillo.ops.datasets.demo.words import SEARCHES
from mixillo.ops.datasets.demo.world import World
from mixillo.ops.datasets.documents import Document

DAYS = 7
VISITS, MOST_PAGES = 1500, 8
ROWS_TRACKED = 0.25
DEVICES = (
    {"type": "mobile", "os": "Android", "browser": "WebView"},
    {"type": "mobile", "os": "iOS", "browser": "WebView"},
    {"type": "desktop", "os": "Windows", "browser": "Chrome"},
    {"type": "desktop", "os": "macOS", "browser": "Safari"},
    {"type": "tablet", "os": "iPadOS", "browser": "Safari"},
)
BROWSING = {"page_view": 60, "product_view": 28, "product_search": 8, "error": 2, "theme_change": 2}
PATHS = ("/home", "/explore", "/live", "/shop", "/profile", "/notifications", "/messages")


class Tracker:
    """Makes event rows; every related id is one of a document of the demo."""

    def __init__(self, world: World, people: People, goods: Sequence[Document]) -> None:
        self._world, self._people = world, people
        self._since = since = world.ago(days=DAYS)
        self._goods = [product for product in goods if product["isPublished"] and product["createdAt"] < since]
        self.events: list[Document] = []

    def browse(self) -> None:
        """Add visits: a sign-in and some pages; product views are counted into the products."""
        for number in range(VISITS):
            user = self._people.popular(self._world, 1)[0]
            at = self._world.between(max(self._since, user["createdAt"]), self._world.moment)
            session, device = f"session_{number:05d}", self._world.pick(DEVICES)
            self._add("user_login", user["_id"], at, session, device, {})
            for kind, moment in self._pages(at):
                self._add(kind, user["_id"], moment, session, device, self._seen(kind))

    def _pages(self, at: datetime) -> Iterator[tuple[str, datetime]]:
        kinds = self._world.rng.choices(
            list(BROWSING), list(BROWSING.values()), k=self._world.rng.randint(1, MOST_PAGES)
        )
        end = self._world.moment
        for kind in kinds:
            at = self._world.between(at, end, soon=6)
            yield kind, at

    def _seen(self, kind: str) -> dict[str, Any]:
        if kind == "product_view":
            product = self._world.pick(self._goods)
            product["viewsCount"] += 1
            return {"relatedEntities": {"productId": product["_id"]}, "duration": self._world.rng.randint(2, 90)}
        if kind == "product_search":
            return {"data": {"query": self._world.pick(SEARCHES)}}
        if kind == "error":
            return {"data": {"status": self._world.pick((401, 404, 500))}}
        return {"metadata": {"path": self._world.pick(PATHS)}}

    def record(self, kind: str, rows: Iterable[Document], who: str, related: str = "", field: str = "_id") -> None:
        """Add an event for some of ``rows``: ``who`` is the field of the user, ``related`` what is linked."""
        for row in rows:
            if row["createdAt"] >= self._since and self._world.chance(ROWS_TRACKED):
                extra = {"relatedEntities": {related: row[field]}} if related else {}
                session, device = f"session_{str(row['_id'])[-6:]}", self._world.pick(DEVICES)
                self._add(kind, row[who], row["createdAt"], session, device, extra)

    def _add(
        self,
        kind: str,
        user: ObjectId,
        at: datetime,
        session: str,
        device: dict[str, str],
        fields: dict[str, Any],
    ) -> None:
        country = self._people.homes[user][1]
        event = {
            "eventType": kind,
            "user": user,
            **fields,
            "sessionId": session,
            "device": device,
            "location": {"country": country},
            "timestamp": at,
        }
        self.events.append(self._world.make.stamped("eventtrackings", at, event))
