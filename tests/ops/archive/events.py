"""How many events there are, and what tests do to them."""

from pathlib import Path
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from mixillo.ops import archive as archives
from mixillo.ops.archive import files

ME = {"kind": "operator", "name": "salma"}
EVENTS = "eventtrackings"
OLD, NEW = 40, 15


def quiet(done: int, total: int, label: str) -> None:
    """Take note of no progress."""


def raws(database: Database, name: str = EVENTS) -> set[bytes]:
    """Return the bytes of the documents that are stored."""
    options: Any = bson.CodecOptions(RawBSONDocument)
    return {document.raw for document in database[name].with_options(options).find()}


def archived(directory: Path) -> set[bytes]:
    """Return the bytes of the documents in every finished archive below ``directory``."""
    return {document.raw for manifest in directory.glob("*/manifest.json") for document in files.read(manifest)}


def archive(database: Database, directory: Path, report: Any = quiet) -> dict[str, Any]:
    """Archive the events."""
    return archives.archive(database, EVENTS, directory, report, actor=ME)


def unarchive(database: Database, manifest: str | Path) -> dict[str, Any]:
    """Bring an archive back."""
    return archives.unarchive(database, Path(manifest), quiet, actor=ME)
