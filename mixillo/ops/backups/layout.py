"""mongodump's layout: the names of the files, and what the metadata of a collection says."""

import gzip
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bson import json_util
from bson.errors import InvalidDocument

from mixillo.ops.backups.errors import BackupError
from mixillo.ops.backups.manifest import TIMESERIES

BUCKETS = "system.buckets."
# The server writes these itself, or they make sense on that server only.
KEPT_SYSTEM_COLLECTIONS = ("system.js",)
# Go's url.PathEscape, by which mongodump names files, leaves these alone.
SAFE = "$&+=:@-_.~"


def data_path(folder: str, database: str, collection: str, kind: str) -> str:
    """Return where the documents of ``collection`` are stored; those of a time series are its buckets."""
    stored = f"{BUCKETS}{collection}" if kind == TIMESERIES else collection
    return f"{folder}/{quote(database, safe=SAFE)}/{quote(stored, safe=SAFE)}.bson.gz"


def metadata_path(folder: str, database: str, collection: str) -> str:
    """Return where the options and indexes of ``collection`` are stored."""
    return f"{folder}/{quote(database, safe=SAFE)}/{quote(collection, safe=SAFE)}.metadata.json.gz"


def is_ours(name: str) -> bool:
    """Whether a collection of this name is backed up; the server's own are not, the buckets go with their series."""
    return not name.startswith("system.") or name in KEPT_SYSTEM_COLLECTIONS


def write_metadata(
    name: str, kind: str, options: Mapping[str, Any], indexes: list[dict[str, Any]], uuid: str | None
) -> bytes:
    """Return the compressed metadata file of one collection: extended JSON, canonical."""
    content: dict[str, Any] = {"options": options, "indexes": indexes}
    if uuid:
        content["uuid"] = uuid
    content |= {"collectionName": name, "type": kind}
    text = json_util.dumps(content, json_options=json_util.CANONICAL_JSON_OPTIONS)
    return gzip.compress(text.encode(), mtime=0)


def read_metadata(content: bytes, path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the options and the indexes from a metadata file.

    :raises BackupError: it cannot be read.
    """
    try:
        found = json_util.loads(gzip.decompress(content), json_options=json_util.CANONICAL_JSON_OPTIONS)
        return found["options"], found["indexes"]
    except (OSError, EOFError, ValueError, KeyError, TypeError, InvalidDocument) as error:
        raise BackupError(f"{path} is damaged: it is no metadata of a collection.") from error
