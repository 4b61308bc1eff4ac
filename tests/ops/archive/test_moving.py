"""Old events move to files and back; whatever is interrupted or damaged, no document is lost."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from mixillo.core import clock
from mixillo.errors import ValidationFailed
from mixillo.ops import archive as archives
from mixillo.ops.archive import ArchiveRefused, candidates, files
from tests.ops.archive.events import EVENTS, ME, NEW, OLD, archive, archived, quiet, raws, unarchive


def test_only_old_events_are_candidates(database: Database) -> None:
    (found,) = candidates(database)
    assert (found.collection, found.field, found.documents) == (EVENTS, "timestamp", OLD)
    assert found.size_bytes == OLD * len(next(iter(raws(database))))
    assert found.oldest < clock.now() - timedelta(days=138)
    assert candidates(database, 1000) == []
    assert candidates(database, only=["analytics"]) == []
    assert [each.documents for each in candidates(database, 10)] == [OLD + 5]


def test_old_events_move_to_a_file_and_come_back_to_the_byte(database: Database, ops: Database, tmp_path: Path) -> None:
    before = raws(database)
    done = archive(database, tmp_path)
    assert (done["documents"], done["deleted"], done["kept"]) == (OLD, OLD, 0)
    assert database[EVENTS].count_documents({}) == NEW
    assert raws(database) | archived(tmp_path) == before
    manifest = json.loads(Path(done["manifest"]).read_text("utf-8"))
    assert (manifest["collection"], manifest["documents"], len(manifest["sha256"])) == (EVENTS, OLD, 64)
    with gzip.open(Path(done["manifest"]).parent / "data.bson.gz") as file:
        assert len(bson.decode_all(file.read())) == OLD, "any tool for BSON reads it"
    assert Path(done["manifest"]).parent.stat().st_mode & 0o077 == 0
    assert archive(database, tmp_path)["manifest"] is None
    back = unarchive(database, done["manifest"])
    assert (back["restored"], back["present"], back["kept"], back["note"]) == (OLD, 0, 0, None)
    assert raws(database) == before
    assert unarchive(database, Path(done["manifest"]).parent)["present"] == OLD
    actions = [(entry["action"], entry["actor"]) for entry in ops.auditlog.find().sort("_id", 1).limit(2)]
    assert actions == [("archive.created", ME), ("archive.restored", ME)]


def test_progress_is_told_and_only_events_are_taken(database: Database, ops: Database, tmp_path: Path) -> None:
    steps: list[tuple[int, int, str]] = []
    archive(database, tmp_path, lambda *step: steps.append(step))
    assert steps[0] == (7, OLD, f"writing {EVENTS}")
    assert steps[-1] == (OLD, OLD, f"deleting from {EVENTS}")
    with pytest.raises(ValidationFailed, match="must be one of analytics"):
        archives.archive(database, "contents", tmp_path, quiet, actor=ME)


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("killed_at", range(1, 13))
def test_a_run_that_is_killed_loses_nothing_and_can_be_repeated(
    database: Database, ops: Database, tmp_path: Path, killed_at: int
) -> None:
    before = raws(database)
    steps = 0

    def die(done: int, total: int, label: str) -> None:
        nonlocal steps
        steps += 1
        if steps == killed_at:
            raise Killed

    with pytest.raises(Killed):
        archive(database, tmp_path, die)
    assert raws(database) | archived(tmp_path) == before
    archive(database, tmp_path)
    assert raws(database) | archived(tmp_path) == before
    assert database[EVENTS].count_documents({}) == NEW
    for manifest in tmp_path.glob("*/manifest.json"):
        unarchive(database, manifest)
    assert raws(database) == before


def test_what_changes_while_it_is_archived_stays(database: Database, ops: Database, tmp_path: Path) -> None:
    first = database[EVENTS].find_one({"n": 0})["_id"]

    def meddle(done: int, total: int, label: str) -> None:
        if label.startswith("writing") and done == total:
            database[EVENTS].update_one({"_id": first}, {"$set": {"processed": True}})
            database[EVENTS].delete_one({"n": 1})

    done = archive(database, tmp_path, meddle)
    assert (done["documents"], done["deleted"], done["kept"]) == (OLD, OLD - 2, 2)
    assert database[EVENTS].find_one({"_id": first})["processed"]
    back = unarchive(database, done["manifest"])
    assert (back["restored"], back["kept"]) == (OLD - 1, 1)
    assert database[EVENTS].find_one({"_id": first})["processed"]


def test_nothing_is_deleted_when_the_file_cannot_be_read_again(
    database: Database, ops: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = files.write

    def on_a_bad_disk(directory: Path, documents: Iterator[RawBSONDocument]) -> files.Written:
        written = write(directory, documents)
        path = directory / files.DATA
        path.write_bytes(path.read_bytes()[:-40])
        return written

    monkeypatch.setattr(files, "write", on_a_bad_disk)
    with pytest.raises(ArchiveRefused, match="cannot be read.*Nothing was changed in the database"):
        archive(database, tmp_path)
    assert database[EVENTS].count_documents({}) == OLD + NEW
    assert list(tmp_path.glob("*/manifest.json")) == []


def damage(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Return what changes the documents in an archive."""

    def work(directory: Path) -> None:
        path = directory / files.DATA
        path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))

    return work


def edit_manifest(directory: Path) -> None:
    """Write something else into the manifest."""
    (directory / files.MANIFEST).write_text('{"documents": 1}', "utf-8")


DAMAGES: list[tuple[Callable[[Path], Any], str]] = [
    (damage(lambda raw: raw[:-5]), "cannot be read"),
    (damage(lambda raw: raw[: len(raw) // OLD]), "holds 1 documents"),
    (damage(lambda raw: raw.replace(b"timestamp", b"timestomp", 1)), "are not the"),
    (damage(lambda raw: raw + raw[: len(raw) // OLD]), "holds 41 documents"),
    (damage(lambda raw: b"\0\0\0\0" + raw), "cannot be read"),
    (lambda directory: (directory / files.DATA).write_bytes(b"not gzip"), "cannot be read"),
    (lambda directory: (directory / files.DATA).unlink(), "cannot be read"),
    (lambda directory: (directory / files.MANIFEST).unlink(), "without one an archive is unfinished"),
    (edit_manifest, "is not a manifest"),
]


@pytest.mark.parametrize(("damaged", "said"), DAMAGES)
def test_a_damaged_archive_is_refused_before_anything_is_restored(
    database: Database, ops: Database, tmp_path: Path, damaged: Callable[[Path], Any], said: str
) -> None:
    directory = Path(archive(database, tmp_path)["manifest"]).parent
    damaged(directory)
    with pytest.raises(ArchiveRefused, match=said):
        unarchive(database, directory)
    assert database[EVENTS].count_documents({}) == NEW


def test_it_warns_when_the_collection_would_delete_them_again(
    database: Database, ops: Database, tmp_path: Path
) -> None:
    done = archive(database, tmp_path)
    database[EVENTS].create_index("timestamp", expireAfterSeconds=10**8, name="ttl_in_test")
    try:
        assert "deletes documents by itself" in unarchive(database, done["manifest"])["note"]
    finally:
        database[EVENTS].drop_index("ttl_in_test")
