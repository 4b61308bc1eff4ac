"""What has been running here: every revision records itself with the first counts that it stores."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from pymongo.database import Database

from mixillo.config import Settings, declarations
from mixillo.core import clock
from mixillo.ops import migrations
from mixillo.version import VERSION

COLLECTION = "revisions"
ROOT = Path(__file__).parents[3]
# They name the revision, and so differ between any two.
NOT_FINGERPRINTED = ("K_REVISION", "MIXILLO_COMMIT")
RUNNING, IMPORTED = "running", "imported"


@dataclass(frozen=True)
class Revision:
    """What a process knows of itself at its start."""

    name: str
    version: str
    commit: str | None
    changes: str
    fingerprint: str
    service: str | None
    region: str | None
    started_at: datetime


@cache
def name_of(settings: Settings) -> str:
    """Return the name of the running revision: Cloud Run's, else the version and the commit."""
    if settings.revision:
        return settings.revision
    commit = commit_of(settings)
    return f"{VERSION}-{commit[:7]}" if commit else VERSION


def introduce(settings: Settings) -> Revision:
    """Return what there is to say about the running revision; asks nobody."""
    return Revision(
        name=name_of(settings),
        version=VERSION,
        commit=commit_of(settings),
        changes=changes_of(VERSION),
        fingerprint=fingerprint(settings),
        service=settings.service or None,
        region=settings.region or None,
        started_at=clock.now(),
    )


def record(ops: Database, revision: Revision) -> None:
    """Record that ``revision`` runs, whether it has been seen before or not.

    :raises PyMongoError: the database is away; try again later.
    """
    applied = [
        entry["_id"]
        for entry in ops[migrations.COLLECTION].find({"appliedAt": {"$ne": None}}, {"_id": 1}, sort=[("_id", 1)])
    ]
    ops[COLLECTION].update_one(
        {"_id": revision.name},
        {
            "$set": {
                "version": revision.version,
                "commit": revision.commit,
                "changes": revision.changes,
                "migrations": applied,
                "fingerprint": revision.fingerprint,
                "service": revision.service,
                "region": revision.region,
                "source": RUNNING,
            },
            "$min": {"firstSeenAt": revision.started_at},
            "$max": {"lastSeenAt": revision.started_at},
        },
        upsert=True,
    )


def seen(ops: Database, name: str) -> None:
    """Record that the revision still runs."""
    ops[COLLECTION].update_one({"_id": name}, {"$max": {"lastSeenAt": clock.now()}})


def listing(ops: Database) -> list[dict[str, Any]]:
    """Return every revision, the latest first.

    Shape: ``revision, firstSeenAt, lastSeenAt, version, commit, changes, status, migrations, fingerprint, service,
    region, source``; ``source`` is ``running`` (it recorded itself) or ``imported`` (from a deploy log, which fills
    revision, date, changes and status only).
    """
    found = ops[COLLECTION].find(sort=[("firstSeenAt", -1), ("_id", -1)])
    fields = ("firstSeenAt", "lastSeenAt", "version", "commit", "changes", "status", "migrations", "fingerprint",
              "service", "region", "source")  # fmt: skip
    return [{"revision": entry["_id"]} | {field: entry.get(field) for field in fields} for entry in found]


def markers(ops: Database, since: datetime, until: datetime | None = None) -> list[tuple[datetime, str]]:
    """Return when which revision was first seen, in order: the deploy markers of a chart."""
    at = {"$gte": since} | ({"$lt": until} if until else {})
    found = ops[COLLECTION].find({"firstSeenAt": at}, {"firstSeenAt": 1}, sort=[("firstSeenAt", 1)])
    return [(entry["firstSeenAt"], entry["_id"]) for entry in found]


def commit_of(settings: Settings, root: Path = ROOT) -> str | None:
    """Return the commit that runs: the one in the settings, else that of the checked-out repository, if there is."""
    if settings.commit:
        return settings.commit
    git = root / ".git"
    head = _read(git / "HEAD")
    if not head.startswith("ref: "):
        return head or None
    ref = head.removeprefix("ref: ")
    packed = re.search(rf"^([0-9a-f]{{40}}) {re.escape(ref)}$", _read(git / "packed-refs"), re.M)
    return _read(git / ref) or (packed[1] if packed else None)


def changes_of(version: str, root: Path = ROOT) -> str:
    """Return what the changelog says about ``version``; empty when it says nothing."""
    text = _read(root / "CHANGELOG.md")
    section = re.search(rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return section[1].strip() if section else ""


def fingerprint(settings: Settings) -> str:
    """Return 12 digits that change whenever the configuration does; of secrets only whether they are set."""
    digest = hashlib.sha256()
    for declared in declarations():
        name, value = declared.metadata["name"], getattr(settings, declared.name)
        if name not in NOT_FINGERPRINTED:
            shown = bool(value) if declared.metadata["secret"] else value
            digest.update(f"{name}={shown!r}\n".encode())
    return digest.hexdigest()[:12]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return ""
