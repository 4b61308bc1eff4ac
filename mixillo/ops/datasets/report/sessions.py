"""What the six users did on the 31 days: one simulation, from which events and analytics are all counted."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from mixillo.ops.datasets.documents import Document
from mixillo.ops.datasets.report.accounts import PEOPLE, Person
from mixillo.ops.datasets.report.dates import day
from mixillo.ops.datasets.report.shop import OPENED

DAYS = 31
EVENT_DAYS = 7
EVENTS_PER_DAY = 143  # 7 x 143 = the 1,001 documents of the report
QUIET_DAY = range(60, 110)
FIRST_HOUR, LAST_HOUR = 6, 16  # all sessions end before the roll-up at 18:00
SEED = 20251114

PATHS = ("/home", "/explore", "/live", "/profile", "/settings", "/coins", "/notifications", "/shop")
SEARCHES = ("linen", "mug", "printing", "gift", "lamp", "clay")
KINDS = {
    # what happens inside a session: how often
    "page_view": 62,
    "product_view": 17,
    "product_search": 10,
    "user_profile_update": 3,
    "theme_change": 2,
    "error": 3,
}


@dataclass
class Event:
    kind: str
    at: datetime
    path: str
    product: ObjectId | None = None
    data: dict[str, Any] | None = None
    duration: int | None = None


@dataclass
class Session:
    """One visit of one user; ``user`` is the stored document, ``person`` what is known beside it."""

    user: Document
    person: Person
    session_id: str
    events: list[Event] = field(default_factory=list)

    @property
    def started(self) -> datetime:
        return self.events[0].at

    @property
    def seconds(self) -> int:
        return int((self.events[-1].at - self.events[0].at).total_seconds())

    def count(self, *kinds: str) -> int:
        return sum(event.kind in kinds for event in self.events)


def simulate(users: Sequence[Document], products: Sequence[Document]) -> list[Session]:
    """Return the sessions of ``DAYS`` days, oldest first; each of the last ``EVENT_DAYS`` has exactly 143 events.

    Everybody who has joined visits at least once a day.
    """
    rng = random.Random(SEED)  # noqa: S311 - a reproducible story, not a secret
    sessions: list[Session] = []
    for offset in range(1 - DAYS, 1):
        today = day(offset)
        events = EVENTS_PER_DAY if offset > -EVENT_DAYS else rng.choice(QUIET_DAY)
        sessions += _one_day(rng, today, events, users, products if today >= OPENED else ())
    return sorted(sessions, key=lambda session: session.started)


def _one_day(
    rng: random.Random, today: datetime, events: int, users: Sequence[Document], products: Sequence[Document]
) -> list[Session]:
    present = [pair for pair in zip(users, PEOPLE, strict=True) if pair[1].joined <= today]
    visits = present + rng.choices(present, k=rng.randrange(len(present), 3 * len(present)))
    return [
        _visit(rng, today, share, Session(user, person, f"{rng.getrandbits(36):09x}"), products)
        for (user, person), share in zip(visits, _shares(rng, events, len(visits)), strict=True)
    ]


def _shares(rng: random.Random, total: int, parts: int) -> list[int]:
    """Split ``total`` into ``parts`` random numbers of at least 2."""
    shares = [2] * parts
    for part in rng.choices(range(parts), k=total - 2 * parts):
        shares[part] += 1
    return shares


def _visit(rng: random.Random, today: datetime, events: int, session: Session, products: Sequence[Document]) -> Session:
    at = today + timedelta(hours=rng.randrange(FIRST_HOUR, LAST_HOUR), seconds=rng.randrange(3600))
    session.events.append(Event("user_login", at, "/login"))
    kinds = rng.choices(list(KINDS), weights=list(KINDS.values()), k=events - 1)
    if rng.random() < 0.4:
        kinds[-1] = "user_logout"
    for kind in kinds:
        at += timedelta(seconds=rng.randrange(4, 75), milliseconds=rng.randrange(1000))
        session.events.append(_event(rng, kind, at, products))
    return session


def _event(rng: random.Random, kind: str, at: datetime, products: Sequence[Document]) -> Event:
    if kind == "product_view" and products:
        product = rng.choice(products)
        return Event(kind, at, f"/product/{product['sku']}", product["_id"], duration=rng.randrange(3, 60))
    if kind == "product_search":
        return Event(kind, at, "/shop", data={"query": rng.choice(SEARCHES)})
    if kind == "theme_change":
        return Event(kind, at, "/settings", data={"theme": rng.choice(("dark", "light"))})
    if kind == "error":
        return Event(kind, at, rng.choice(PATHS), data={"status": rng.choice((401, 404, 500))})
    if kind in ("page_view", "product_view"):  # the shop has nothing to show yet: a page like any other
        return Event("page_view", at, rng.choice(PATHS), duration=rng.randrange(2, 90))
    return Event(kind, at, "/settings")
