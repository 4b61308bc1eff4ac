"""The Revisions page: what ran when, and whether it was better than what ran before."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.ops import comparisons, revisions
from mixillo.ops.comparisons import BETTER, INSUFFICIENT, WORSE, Change, Comparison

SHOWN = 20
STATES = {BETTER: "ok", WORSE: "degraded"}


@dataclass(frozen=True)
class Deployment:
    """One revision with its comparison; ``comparison`` is ``None`` where nothing was measured."""

    name: str
    first_seen: datetime
    last_seen: datetime | None
    version: str | None
    commit: str | None
    changes: str
    status: str
    migrations: int | None
    fingerprint: str | None
    is_imported: bool
    comparison: Comparison | None

    @classmethod
    def of(cls, ops: Database, entry: dict[str, Any]) -> "Deployment":
        """Return the row of a recorded revision."""
        imported = entry["source"] == "imported"
        return cls(
            name=entry["revision"],
            first_seen=entry["firstSeenAt"],
            last_seen=entry["lastSeenAt"],
            version=entry["version"],
            commit=entry["commit"],
            changes=entry["changes"] or "",
            status=entry["status"] or ("recorded" if imported else "running"),
            migrations=None if entry["migrations"] is None else len(entry["migrations"]),
            fingerprint=entry["fingerprint"],
            is_imported=imported,
            comparison=None if imported else comparisons.compare(ops, entry["revision"]),
        )


def deployments(ops: Database) -> list[Deployment]:
    """Return the latest revisions, the newest first."""
    return [Deployment.of(ops, entry) for entry in revisions.listing(ops)[:SHOWN]]


def state(change: Change) -> str:
    """Return the status that a change is shown with."""
    return STATES.get(change.verdict, "ok")


def in_words(change: Change, unit: str) -> str:
    """Return before and after: ``1.2 % → 0.4 %``; ``insufficient data`` when the samples are too few."""
    if change.verdict == INSUFFICIENT:
        return INSUFFICIENT
    return f"{_value(change.before, unit)} → {_value(change.after, unit)}"


def as_csv(found: list[Deployment]) -> str:
    """Return the revisions with both sides of every comparison and their samples."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    kinds = ("errorRate", "p95Ms", "passRate")
    sides = ("before", "after", "beforeSamples", "afterSamples", "verdict")
    writer.writerow(
        ["revision", "firstSeenAt", "lastSeenAt", "version", "status", *(f"{k}.{s}" for k in kinds for s in sides)]
    )
    for deployment in found:
        compared = deployment.comparison.as_dict() if deployment.comparison else {}
        cells = [compared.get(kind, {}).get(side) for kind in kinds for side in sides]
        seen = (deployment.first_seen.isoformat(), deployment.last_seen.isoformat() if deployment.last_seen else "")
        writer.writerow([deployment.name, *seen, deployment.version, deployment.status, *cells])
    return buffer.getvalue()


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "none"
    return formats.milliseconds(value) if unit == "ms" else formats.percent(value)
