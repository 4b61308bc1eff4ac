"""What a backup, its verification and a restore take, and how much memory a backup needs."""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from benchmarks.report import Row
from mixillo.core import clock
from mixillo.ops import backups
from mixillo.ops.mongod import Mongod, find_program

DOCUMENTS, BATCH = 100_000, 10_000
COLLECTIONS = 4
GOAL_SECONDS = 60
MEMORY_GOAL_MB = 32
# Prints by how many MB the peak memory of a process grows while it backs up.
GROWTH = """
import re, sys
from pathlib import Path
from pymongo import MongoClient
from mixillo.ops import backups
# Not getrusage, which begins with the peak of the process that started this one.
def peak(): return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
client = MongoClient(sys.argv[1])
client.admin.command("ping")
before = peak()
backups.create(client["bench"], client["bench_ops"], backups.open_storage(sys.argv[2]))
print((peak() - before) / 1024)
"""


def benchmark() -> list[Row]:
    """Return the rows of this part."""
    with TemporaryDirectory() as scratch:
        server = Mongod(Path(scratch) / "mongod", find_program(os.environ.get("MIXILLO_MONGOD", "")))
        server.start()
        try:
            with MongoClient(server.uri, tz_aware=True) as client:
                return _rows(client, server.uri, Path(scratch) / "backups")
        finally:
            server.stop()


def _rows(client: MongoClient, uri: str, place: Path) -> list[Row]:
    database, ops = client["bench"], client["bench_ops"]
    _fill(database)
    growth = _growth(uri, place)
    storage = backups.open_storage(str(place))
    started = time.monotonic()
    manifest = backups.create(database, ops, storage)
    creating = time.monotonic() - started
    backup = backups.find(storage.location)
    verified = backups.verify(backup, database, ops)
    if not verified.ok:
        raise RuntimeError(verified.error)
    started = time.monotonic()
    backups.restore(backup, client["bench_copy"], client["bench_copy_ops"])
    restoring = time.monotonic() - started
    raw = sum(part.size_bytes for part in manifest.parts)
    goal = f"≤ {GOAL_SECONDS} s"
    what = f"{manifest.documents:,} documents, {raw / 2**20:.0f} MB, stored as {manifest.stored_bytes / 2**20:.0f} MB"
    return [
        Row(f"backup of {what}", f"{creating:.1f} s", goal),
        Row("verifying it: hashes, restore, compare", f"{verified.seconds:.1f} s", goal),
        Row("restoring it into another database", f"{restoring:.1f} s", goal),
        Row("memory that a backup takes beside the process's own", f"{growth:.0f} MB", f"≤ {MEMORY_GOAL_MB} MB"),
    ]


def _fill(database: Database) -> None:
    each = DOCUMENTS // COLLECTIONS
    for number in range(COLLECTIONS):
        collection = database[f"events{number}"]
        for start in range(0, each, BATCH):
            collection.insert_many([_event(n) for n in range(start, min(start + BATCH, each))])
        collection.create_index([("userId", 1), ("createdAt", -1)])
        collection.create_index("key", unique=True)


def _event(number: int) -> dict[str, object]:
    return {
        "_id": ObjectId(),
        "key": os.urandom(16).hex(),
        "userId": ObjectId(),
        "name": "product_view",
        "properties": {"productId": ObjectId(), "source": "feed", "position": number % 40, "tags": ["new", "sale"]},
        "text": f"event {number} of a person who looks at things " * 8,
        "createdAt": clock.now(),
    }


def _growth(uri: str, place: Path) -> float:
    command = [sys.executable, "-c", GROWTH, uri, str(place)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
