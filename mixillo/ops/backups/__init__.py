"""Backups: consistent dumps in mongodump's layout, verified by restoring them, kept in a directory or a bucket."""

from mixillo.ops.backups.creating import create
from mixillo.ops.backups.errors import BackupError, Progress, StorageError
from mixillo.ops.backups.locating import Backup, Entry, catalogue, find, open_storage
from mixillo.ops.backups.manifest import Manifest
from mixillo.ops.backups.pruning import Pruned, prune
from mixillo.ops.backups.records import history, latest
from mixillo.ops.backups.restoring import Restored, restore
from mixillo.ops.backups.retention import Policy
from mixillo.ops.backups.verifying import Verification, verify

__all__ = [
    "Backup",
    "BackupError",
    "Entry",
    "Manifest",
    "Policy",
    "Progress",
    "Pruned",
    "Restored",
    "StorageError",
    "Verification",
    "catalogue",
    "create",
    "find",
    "history",
    "latest",
    "open_storage",
    "prune",
    "restore",
    "verify",
]
