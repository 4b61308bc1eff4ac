"""Migrations: numbered modules in ``migrations/``, applied in order, once, by one process at a time.

A module has a docstring, ``upgrade(database, ops)`` and ``downgrade(database, ops)``. Both must be safe to run
again: a process that is killed half-way leaves its record unfinished, and the next run repeats that step.
"""

import hashlib
import re
import runpy
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.locks import Lock, Told, held
from mixillo.version import VERSION

COLLECTION = "migrations"
DIRECTORY = Path(__file__).parents[2] / "migrations"
FILE_NAME = re.compile(r"(\d{4})_[a-z0-9]+(?:_[a-z0-9]+)*\.py")
APPLIED, PENDING, FAILED, INTERRUPTED, UNKNOWN = "applied", "pending", "failed", "interrupted", "unknown"

Step = Callable[[Database, Database], None]


class MigrationError(Exception):
    """Migrations cannot go on; the message is for the operator and says what to do."""


@dataclass(frozen=True)
class Migration:
    """One module in the directory; ``checksum`` is the SHA-256 of its text."""

    name: str
    number: int
    path: Path
    checksum: str

    def step(self, direction: str) -> Step:
        """Return the module's ``upgrade`` or ``downgrade``.

        :raises TypeError: the module lacks one of them, or a docstring.
        """
        module = runpy.run_path(str(self.path), run_name=f"migrations.{self.name}")
        if not module["__doc__"] or not all(callable(module.get(name)) for name in ("upgrade", "downgrade")):
            raise TypeError("the module needs a docstring, upgrade(database, ops) and downgrade(database, ops)")
        found: Step = module[direction]
        return found


@dataclass(frozen=True)
class Status:
    """Where one migration stands.

    ``state`` is ``applied``, ``pending``, ``failed`` (``error`` says why), ``interrupted`` (its process was
    killed) or ``unknown`` (applied by another version of the code, there is no such file here).
    ``changed`` says that the file is not what was applied.
    """

    name: str
    state: str
    applied_at: datetime | None = None
    seconds: float | None = None
    version: str | None = None
    changed: bool = False
    error: str | None = None


def discover(directory: Path = DIRECTORY) -> list[Migration]:
    """Return the migrations in ``directory`` in order.

    :raises MigrationError: a number is missing or there twice, or a name has another form.
    """
    found = []
    for path in sorted(directory.glob("*.py")):
        if path.name == "__init__.py":
            continue
        named = FILE_NAME.fullmatch(path.name)
        if named is None:
            raise MigrationError(f"{path.name} in {directory} is not named like 0001_what_it_does.py.")
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        found.append(Migration(path.stem, int(named[1]), path, checksum))
    for expected, migration in enumerate(found, 1):
        if migration.number != expected:
            raise MigrationError(
                f"Migrations must be numbered without gaps or duplicates: "
                f"{migration.name} stands where number {expected:04} belongs."
            )
    return found


def status(database: Database, ops: Database, *, directory: Path = DIRECTORY) -> list[Status]:
    """Return where each migration stands, those without a file included, in order of their names."""
    records = {record["_id"]: record for record in ops[COLLECTION].find()}
    known = [_status(migration, records.pop(migration.name, None)) for migration in discover(directory)]
    unknown = [_of_record(record, UNKNOWN) for record in records.values()]
    return sorted(known + unknown, key=lambda entry: entry.name)


def upgrade(
    database: Database,
    ops: Database,
    *,
    on_applied: Told | None = None,
    on_wait: Told | None = None,
    directory: Path = DIRECTORY,
) -> list[str]:
    """Apply what is pending, in order, and return the names.

    ``on_applied`` is told each name; ``on_wait`` is told who else is migrating while this process waits.

    :raises MigrationError: one failed; those before it are applied, it and those after it are not.
    """
    if not _pending(ops, directory):
        return []
    with held(ops, COLLECTION, on_wait) as lock:
        pending = _pending(ops, directory)
        for migration in pending:
            lock.check()
            _apply(migration, database, ops)
            if on_applied:
                on_applied(migration.name)
    return [migration.name for migration in pending]


def rollback(
    database: Database,
    ops: Database,
    steps: int = 1,
    *,
    on_wait: Told | None = None,
    directory: Path = DIRECTORY,
) -> list[str]:
    """Take back the last ``steps`` migrations, the newest first, and return the names.

    :raises MigrationError: one failed, or there is no file to take it back with.
    """
    with held(ops, COLLECTION, on_wait) as lock:
        known = {migration.name: migration for migration in discover(directory)}
        # Sliced here: to the server, `limit(0)` is no limit at all.
        newest = [record["_id"] for record in ops[COLLECTION].find().sort("_id", -1)][:steps]
        for name in newest:
            if name not in known:
                raise MigrationError(f"{name} was applied by another version, which alone can take it back.")
            _revert(known[name], database, ops, lock)
    return newest


def _pending(ops: Database, directory: Path) -> list[Migration]:
    applied = set(ops[COLLECTION].distinct("_id", {"appliedAt": {"$ne": None}}))
    return [migration for migration in discover(directory) if migration.name not in applied]


def _apply(migration: Migration, database: Database, ops: Database) -> None:
    started = time.monotonic()
    _run(migration, "upgrade", database, ops)
    done = {"appliedAt": clock.now(), "seconds": round(time.monotonic() - started, 3)}
    ops[COLLECTION].update_one({"_id": migration.name}, {"$set": done})


def _revert(migration: Migration, database: Database, ops: Database, lock: Lock) -> None:
    lock.check()
    _run(migration, "downgrade", database, ops)
    ops[COLLECTION].delete_one({"_id": migration.name})


def _run(migration: Migration, direction: str, database: Database, ops: Database) -> None:
    """Run one step; until its end the record says that the migration is not applied."""
    begun = {"startedAt": clock.now(), "appliedAt": None, "checksum": migration.checksum, "version": VERSION}
    ops[COLLECTION].replace_one({"_id": migration.name}, begun, upsert=True)
    try:
        migration.step(direction)(database, ops)
    except Exception as error:
        reason = f"{type(error).__name__}: {str(error).partition(', full error')[0]}"
        ops[COLLECTION].update_one({"_id": migration.name}, {"$set": {"error": reason}})
        raise MigrationError(
            f"Migration {migration.name} failed ({direction}): {reason}. It counts as not applied; "
            "remove the cause and run `mixillo db migrate` again."
        ) from error


def _status(migration: Migration, record: dict[str, Any] | None) -> Status:
    if record is None:
        return Status(migration.name, PENDING)
    unfinished = FAILED if record.get("error") else INTERRUPTED
    state = APPLIED if record["appliedAt"] else unfinished
    return _of_record(record, state, changed=state == APPLIED and record["checksum"] != migration.checksum)


def _of_record(record: dict[str, Any], state: str, *, changed: bool = False) -> Status:
    return Status(
        name=record["_id"],
        state=state,
        applied_at=record["appliedAt"],
        seconds=record.get("seconds"),
        version=record.get("version"),
        changed=changed,
        error=record.get("error"),
    )
