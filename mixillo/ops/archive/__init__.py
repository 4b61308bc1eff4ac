"""Archives: events that are old enough leave the database for compressed files, and can come back."""

from mixillo.ops.archive.candidates import DAYS, EVENTS, Candidate, candidates
from mixillo.ops.archive.files import ArchiveDamaged, Manifest
from mixillo.ops.archive.moving import ArchiveRefused, archive, unarchive

__all__ = [
    "DAYS",
    "EVENTS",
    "ArchiveDamaged",
    "ArchiveRefused",
    "Candidate",
    "Manifest",
    "archive",
    "candidates",
    "unarchive",
]
