"""Verdicts: which indexes are worth keeping, which are superfluous, and which are missing; each with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.core.db import OURS
from mixillo.ops.indexes import commands, usage
from mixillo.ops.indexes.definition import ID, Index, Keys, collections, indexes
from mixillo.ops.indexes.usage import Observation, identity_of
from mixillo.ops.slow_queries.store import Missing, missing_indexes

KEEP, DUPLICATE, PREFIX, UNUSED, MISSING = "keep", "duplicate", "redundant prefix", "unused", "missing"
CERTAIN, HIGH, MEDIUM, LOW = "certain", "high", "medium", "low"
OBSERVATION = timedelta(days=7)
LONG_OBSERVATION = timedelta(days=30)
ORDER = (DUPLICATE, PREFIX, UNUSED, MISSING, KEEP)


@dataclass(frozen=True)
class Verdict:
    """What is to be thought of one index.

    ``by`` names the index that serves instead; ``observed_days`` is ``None`` when the usage plays no part or was
    never read; ``uses`` counts what was observed; ``size_bytes`` is what it takes on the disk.
    """

    collection: str
    name: str
    keys: Keys
    verdict: str
    reason: str
    confidence: str
    by: str | None = None
    hidden: bool = False
    observed_days: float | None = None
    uses: int | None = None
    size_bytes: int = 0

    @property
    def command(self) -> str | None:
        """What to type, if there is anything to be done."""
        if self.verdict == MISSING:
            return commands.to_create(self.collection, self.keys)
        if self.verdict == KEEP:
            return commands.to_drop(self.collection, self.name) if self.hidden else None
        return commands.to_hide(self.collection, self.name)

    def as_dict(self) -> dict[str, Any]:
        """Return it under the names that the API and ``--json`` use."""
        return {
            "collection": self.collection,
            "name": self.name,
            "keys": [list(key) for key in self.keys],
            "verdict": self.verdict,
            "reason": self.reason,
            "confidence": self.confidence,
            "by": self.by,
            "hidden": self.hidden,
            "observedDays": None if self.observed_days is None else round(self.observed_days, 1),
            "uses": self.uses,
            "sizeBytes": self.size_bytes,
            "command": self.command,
        }


def verdicts(database: Database, ops: Database, *, sizes: bool = True) -> list[Verdict]:
    """Return a verdict on every index, the remarkable ones first, and on those that are missing.

    The usage is that of the last sample (:func:`mixillo.ops.indexes.usage.sample`). Sizes cost the server a
    millisecond per collection.
    """
    observed, now = usage.observations(database, ops), clock.now()
    found: list[Verdict] = []
    wanted = missing_indexes(ops)
    for name in collections(database):
        of_it = indexes(database, name)
        size = _sizes(database, name) if sizes else {}
        found += judge(of_it, {i.name: observed.get((name, identity_of(i))) for i in of_it}, size, now)
        wanted = [each for each in wanted if each.collection != name or not _exists(each, of_it)]
    found += [_missing(each) for each in wanted]
    return sorted(found, key=lambda v: (ORDER.index(v.verdict), v.collection, v.name))


def judge(
    of_collection: Sequence[Index],
    observed: Mapping[str, Observation | None],
    sizes: Mapping[str, int],
    now: datetime,
) -> list[Verdict]:
    """Return the verdicts on the indexes of one collection."""
    found = []
    for index in of_collection:
        seen = observed.get(index.name)
        verdict = _guarded(index) or _superfluous(index, of_collection, observed) or _used(index, seen, now)
        found.append(
            Verdict(
                index.collection, index.name, index.keys, *verdict, hidden=index.hidden,
                observed_days=seen.days(now) if seen else None, uses=seen.uses if seen else None,
                size_bytes=sizes.get(index.name, 0),
            )
        )  # fmt: skip
    return found


Judgement = tuple[str, str, str, str | None]


def _guarded(index: Index) -> Judgement | None:
    """Judge an index that does more than help queries; those are never called superfluous."""
    if index.name == ID:
        return KEEP, "Every collection has it.", CERTAIN, None
    if index.unique:
        return KEEP, "It keeps values unique.", CERTAIN, None
    if index.expires:
        return KEEP, "It deletes documents when their time is over.", CERTAIN, None
    if index.hidden:
        return KEEP, "It is hidden: no query uses it, so it can be dropped if nothing became slow.", HIGH, None
    return None


def _superfluous(index: Index, others: Iterable[Index], observed: Mapping[str, Observation | None]) -> Judgement | None:
    serving = [other for other in others if other.serves_as(index)]
    longer = [other for other in serving if len(other.keys) > len(index.keys)]
    if longer:
        by = max(longer, key=lambda other: (len(other.keys), other.name))
        return PREFIX, f"Its keys ({index.shown}) are the first of {by.name} ({by.shown}).", HIGH, by.name
    equal = [other for other in serving if _worth(other, observed) > _worth(index, observed)]
    if equal:
        by = max(equal, key=lambda other: _worth(other, observed))
        return DUPLICATE, f"{by.name} ({by.shown}) holds the same in the same or the reverse order.", CERTAIN, by.name
    return None


def _worth(index: Index, observed: Mapping[str, Observation | None]) -> tuple[bool, int, str]:
    """Return what decides which of two equal indexes stays: a rule, then the use, then the name."""
    seen = observed.get(index.name)
    return index.unique or index.expires, seen.uses if seen else 0, index.name


def _used(index: Index, seen: Observation | None, now: datetime) -> Judgement:
    if seen is None:
        return KEEP, "Its use has not been observed yet.", LOW, None
    days = timedelta(days=seen.days(now))
    if seen.last_used_at and days < OBSERVATION:
        return KEEP, f"In use: {seen.uses:,} times, last seen {seen.last_used_at:%Y-%m-%d}.", HIGH, None
    waited = f"{days / timedelta(days=1):.1f} days"
    if days < OBSERVATION:
        return KEEP, f"Not used in {waited} of observation; {OBSERVATION.days} are needed to call it unused.", LOW, None
    if seen.unseen:
        return KEEP, f"Not used in {waited}, but {seen.unseen} of the servers could not be asked.", LOW, None
    confidence = HIGH if days >= LONG_OBSERVATION else MEDIUM
    return (
        UNUSED,
        f"Not used in {waited} on {seen.hosts} {'servers' if seen.hosts > 1 else 'server'}.",
        confidence,
        None,
    )


def _missing(found: Missing) -> Verdict:
    name = "_".join(f"{field}_{direction}" for field, direction in found.keys)
    return Verdict(found.collection, name, found.keys, MISSING, found.reason, found.confidence)


def _exists(wanted: Missing, of_collection: Iterable[Index]) -> bool:
    """Return whether an index that was missing when the slow shape was explained has been made since."""
    would_be = Index(wanted.collection, "", wanted.keys, {})
    return any(index.serves_as(would_be) for index in of_collection)


def _sizes(database: Database, name: str) -> dict[str, int]:
    pipeline: list[dict[str, Any]] = [
        {"$collStats": {"storageStats": {}}},
        {"$project": {"storageStats.indexSizes": 1}},
    ]
    (row,) = database[name].aggregate(pipeline, comment=OURS)
    return dict(row["storageStats"]["indexSizes"])
