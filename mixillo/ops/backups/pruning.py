"""Removing the backups that nobody will want back."""

from dataclasses import dataclass
from datetime import timedelta

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.backups import records
from mixillo.ops.backups.locating import COMPLETE, PARTIAL, Entry, catalogue
from mixillo.ops.backups.manifest import FILE
from mixillo.ops.backups.retention import Policy
from mixillo.ops.backups.storage import Storage

# A younger one may still be being written.
PARTIAL_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Pruned:
    """What was kept and what was removed, or would be, the newest first."""

    kept: tuple[Entry, ...]
    removed: tuple[Entry, ...]


def prune(storage: Storage, policy: Policy, *, ops: Database | None = None, dry_run: bool = False) -> Pruned:
    """Remove what ``policy`` does not keep, and partial backups older than a day; damaged ones stay to be looked at.

    :raises StorageError: the storage refuses.
    """
    entries = catalogue(storage)
    names = policy.keep([entry for entry in entries if entry.state == COMPLETE])
    removed = [entry for entry in entries if _is_needless(entry, names)]
    if not dry_run:
        for entry in removed:
            _remove(storage, entry, ops)
    return Pruned(tuple(entry for entry in entries if entry not in removed), tuple(removed))


def _is_needless(entry: Entry, kept: set[str]) -> bool:
    if entry.state == PARTIAL:
        return entry.created_at < clock.now() - PARTIAL_FOR
    return entry.state == COMPLETE and entry.name not in kept


def _remove(storage: Storage, entry: Entry, ops: Database | None) -> None:
    storage.remove(f"{entry.name}/{FILE}")  # first: one that is half removed must not pass for a backup
    storage.remove_folder(entry.name)
    if ops is not None:
        records.note_removal(ops, entry.location)
