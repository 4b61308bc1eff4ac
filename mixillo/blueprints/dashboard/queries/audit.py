"""The audit log: who did what to what, from where and with which result, a page at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from mixillo.blueprints.dashboard.queries.activity import PERIODS
from mixillo.core import audit_log, clock, json
from mixillo.core.pagination import after, decode_cursor, encode_cursor
from mixillo.errors import ValidationFailed

NEWEST = [("createdAt", -1), ("_id", -1)]
PAGE = 50
EVER, USUAL_PERIOD = "ever", "7d"
OFFERED_PERIODS = (*PERIODS, EVER)
# A file of more is no longer looked at by a person; the filters say which part of it is wanted.
EXPORTED = 10_000
COUNTED_UP_TO = 1_000
CHOICES = 100
LONGEST_NAME, LONGEST_TEXT = 100, 500
NOTHING = "–"

Stored = dict[str, Any]


@dataclass(frozen=True)
class Filter:
    """Which entries are wanted; empty words mean all of them."""

    action: str
    actor: str
    result: str
    period: str

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "Filter":
        """Return what the URL asks for; what it says wrongly is as if it were not said."""
        words = {name: parameters.get(name, "").strip()[:LONGEST_NAME] for name in ("action", "actor", "result")}
        period = parameters.get("period", USUAL_PERIOD)
        return cls(**words, period=period if period in OFFERED_PERIODS else USUAL_PERIOD)

    @property
    def words(self) -> Stored:
        """The part of the query that a cursor is bound to: it stays the same while time goes on."""
        wanted = {"action": self.action, "actor.name": self.actor, "result": self.result}
        return {field: value for field, value in wanted.items() if value}

    @property
    def query(self) -> Stored:
        """The whole query."""
        if self.period == EVER:
            return self.words
        return self.words | {"createdAt": {"$gte": clock.now() - PERIODS[self.period]}}


@dataclass(frozen=True)
class Change:
    """One field of what was changed, as text."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One line of the audit log."""

    id: str
    action: str
    actor: str
    actor_kind: str
    target: str
    target_id: str
    result: str
    at: datetime
    address: str
    request_id: str
    changes: tuple[Change, ...]
    raw_changes: Mapping[str, Any]


@dataclass(frozen=True)
class Entries:
    """A page of the log. ``older`` is the cursor of the next one.

    ``total`` counts up to ``COUNTED_UP_TO`` and says so by ``more``; it is ``None`` where counting would read a great
    part of the log.
    """

    entries: Sequence[Entry]
    older: str | None
    total: int | None
    more: bool
    is_newest: bool


@dataclass(frozen=True)
class Choices:
    """What can be chosen in the form."""

    actions: Sequence[str]
    results: Sequence[str]


def page(ops: Database, wanted: Filter, cursor: str = "") -> Entries:
    """Return the newest entries, or those behind ``cursor``; a cursor of another list leads to the newest."""
    log, where = ops[audit_log.COLLECTION], wanted.query
    place = _place(cursor, wanted)
    behind = {"$and": [where, after(NEWEST, place)]} if place else where
    found = list(log.find(behind, sort=NEWEST, limit=PAGE + 1))
    shown = found[:PAGE]
    older = encode_cursor(shown[-1], wanted.words, NEWEST) if len(found) > PAGE else None
    total = _count(ops, wanted)
    more = total is not None and total > COUNTED_UP_TO
    entries = [entry(document) for document in shown]
    return Entries(entries, older, COUNTED_UP_TO if more else total, more, is_newest=place is None)


def export(ops: Database, wanted: Filter) -> Iterator[Entry]:
    """Yield the newest ``EXPORTED`` entries."""
    for document in ops[audit_log.COLLECTION].find(wanted.query, sort=NEWEST, limit=EXPORTED):
        yield entry(document)


def choices(ops: Database) -> Choices:
    """Return the actions and results that occur; each list is read from an index, value by value."""
    log = ops[audit_log.COLLECTION]
    return Choices(sorted(log.distinct("action"))[:CHOICES], sorted(log.distinct("result"))[:CHOICES])


def entry(document: Stored) -> Entry:
    """Return the line that ``document`` stores."""
    actor, changes = document["actor"], document.get("changes") or {}
    return Entry(
        id=str(document["_id"]),
        action=document["action"],
        actor=actor.get("name", ""),
        actor_kind=actor.get("kind", ""),
        target=document.get("target") or "",
        target_id=str(document.get("targetId") or ""),
        result=document["result"],
        at=document["createdAt"],
        address=document.get("address") or "",
        request_id=document.get("requestId") or "",
        changes=tuple(differences(changes)),
        raw_changes=changes,
    )


def differences(changes: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what ``{before, after}`` hold, field by field where they have fields."""
    before, now = changes.get("before"), changes.get("after")
    if not isinstance(before or {}, Mapping) or not isinstance(now or {}, Mapping):
        yield Change("value", text(before), text(now))
        return
    held, holds = before or {}, now or {}
    for name in dict.fromkeys([*held, *holds]):
        yield Change(str(name), text(held.get(name)), text(holds.get(name)))


def text(value: Any) -> str:
    """Return a stored value for reading: words as they are, anything else as JSON; long ones are cut."""
    if value is None:
        return NOTHING
    return (value if isinstance(value, str) else as_json(value))[:LONGEST_TEXT]


def as_json(value: Any) -> str:
    """Return a stored value as JSON, or in Python's words where JSON has none."""
    try:
        return json.dumps(value).decode()
    except TypeError:
        return str(value)


def _count(ops: Database, wanted: Filter) -> int | None:
    """Return how many entries there are, as far as one index tells: two filters have none together."""
    if len(wanted.words) > 1:
        return None
    return ops[audit_log.COLLECTION].count_documents(wanted.query, limit=COUNTED_UP_TO + 1)


def _place(cursor: str, wanted: Filter) -> list[Any] | None:
    try:
        return decode_cursor(cursor, wanted.words, NEWEST) if cursor else None
    except ValidationFailed:
        return None
