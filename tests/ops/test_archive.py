"""Old events move to files and back; whatever is interrupted or damaged, no document is lost."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.raw_bson import RawBSONDocument
from click.testing import CliRunner, Result
from flask import Flask
from pymongo.database import Database

from mixillo import create_app
from mixillo.cli import audit
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core import db as core_db
from mixillo.errors import ValidationFailed
from mixillo.ops import archive as archives
from mixillo.ops import growth
from mixillo.ops.archive import ArchiveRefused, candidates, files, moving
from mixillo.ops.commands import OneSentence, Surroundings

ME = {"kind": "operator", "name": "salma"}
EVENTS = "eventtrackings"
OLD, NEW = 40, 15


def quiet(done: int, total: int, label: str) -> None:
    """Take note of no progress."""


@pytest.fixture
def database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database with old and new events, read in small batches."""
    monkeypatch.setattr(moving, "BATCH", 7)
    found = core_db.database()
    now = clock.now()
    ages = [*range(100, 100 + OLD), *range(NEW)]
    found[EVENTS].insert_many([{"n": n, "timestamp": now - timedelta(days=age)} for n, age in enumerate(ages)])
    found["useractivities"].insert_one({"timestamp": now})
    found["contents"].insert_one({"timestamp": now - timedelta(days=400)})
    return found


@pytest.fixture
def ops(app: Flask) -> Database:
    """The technical database, empty."""
    return core_db.ops_database()


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


def test_growth_needs_two_samples_a_day_apart(database: Database, ops: Database) -> None:
    assert growth.growth(ops) == []
    assert growth.is_due(ops)
    sample = growth.take(database, ops)
    assert not growth.is_due(ops)
    assert [each["collection"] for each in sample["archivable"]] == [EVENTS]
    rows = growth.growth(ops)
    assert {row.documents_per_day for row in rows} == {None}
    assert growth.total(rows) is None
    assert ops.growthsamples.count_documents({}) == 1
    assert growth.take(database, ops)["_id"] == sample["_id"], "one sample a day"
    assert growth.latest(ops) is not None


def test_growth_is_per_day_over_the_period(database: Database, ops: Database) -> None:
    now = clock.now()

    def sampled(days_ago: float, **counts: int) -> None:
        rows = [
            {"name": name, "documents": n, "sizeBytes": n * 10, "storageBytes": 0, "indexBytes": 0}
            for name, n in counts.items()
        ]
        ops.growthsamples.insert_one({"takenAt": now - timedelta(days=days_ago), "collections": rows})

    sampled(40, likes=0)
    sampled(20, likes=100, gone=5)
    sampled(10, likes=150, views=10)
    sampled(0, likes=300, views=0, new=7)
    rows = {row.collection: row for row in growth.growth(ops, 30)}
    assert {name: row.documents_per_day for name, row in rows.items()} == {"likes": 10.0, "views": -1.0, "new": None}
    assert (rows["likes"].bytes_per_day, rows["likes"].documents) == (100.0, 300)
    assert next(iter(rows)) == "likes"
    assert growth.total(rows.values()) == (9.0, 90.0)
    assert {row.documents_per_day for row in growth.growth(ops, 15) if row.collection == "likes"} == {15.0}


@pytest.fixture
def run(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run ``mixillo db …`` as the program does, against the tests' database."""
    commands = ("indexes", "slow", "growth", "archive", "unarchive")
    group = OneSentence("mixillo", commands={name: getattr(audit, name) for name in commands})
    surroundings = Surroundings(create_app)
    monkeypatch.setitem(surroundings.__dict__, "settings", replace(settings))

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(group, arguments, input=typed, obj=surroundings)

    return run


@pytest.mark.slow
def test_events_are_archived_from_the_command_line(
    run: Callable[..., Result], db: Database, ops_db: Database, tmp_path: Path
) -> None:
    dry = json.loads(run("archive", "--dry-run", "--json").stdout)
    assert [(each["collection"], each["documents"]) for each in dry["candidates"]] == [(EVENTS, OLD)]
    assert "eventtrackings" in run("archive", "--dry-run").stdout
    assert "--to DIRECTORY" in run("archive").stderr
    assert run("archive", "--to", str(tmp_path), typed="n\n").exit_code == 1
    assert db[EVENTS].count_documents({}) == OLD + NEW
    done = json.loads(run("archive", "--to", str(tmp_path), "--yes", "--json").stdout)["archives"]
    assert [(each["deleted"], each["kept"]) for each in done] == [(OLD, 0)]
    assert "no events older than 90 days" in run("archive", "--dry-run").stdout
    back = run("unarchive", done[0]["manifest"])
    assert back.stdout == f"{EVENTS}: {OLD} restored, 0 were there.\n"
    assert db[EVENTS].count_documents({}) == OLD + NEW
    assert [job["state"] for job in ops_db.jobs.find()] == ["done", "done"]


@pytest.mark.slow
def test_indexes_growth_and_slow_queries_are_shown_on_the_command_line(
    run: Callable[..., Result], db: Database, ops_db: Database
) -> None:
    db["planted"].create_index("a")
    db["planted"].create_index([("a", 1), ("b", 1)])
    try:
        shown = run("indexes")
        assert "planted/a_1" in shown.stdout
        assert "redundant prefix" in shown.stdout
        verdicts = json.loads(run("indexes", "--hide", "planted/a_1", "--json").stdout)["indexes"]
        hidden = next(each for each in verdicts if (each["collection"], each["name"]) == ("planted", "a_1"))
        assert (hidden["hidden"], hidden["verdict"]) == (True, "keep")
        assert "was hidden at" in run("indexes", "--drop", "planted/a_1").stderr
    finally:
        db.drop_collection("planted")
    assert "Insufficient data" in run("growth").stdout
    assert json.loads(run("growth", "--json").stdout)["collections"][0]["documentsPerDay"] is None
    assert run("slow").stdout == "Nothing was slow.\n"
    ops_db.slowshapes.insert_one({
        "_id": "x", "collection": EVENTS, "operation": "find", "conditions": [["n", "eq"]], "sort": [],
        "shown": "find eventtrackings {n eq}", "suggestion": [["n", 1]], "count": 3, "totalMs": 600.0, "maxMs": 300.0,
        "routes": [], "explained": None,
    })  # fmt: skip
    assert "n: 1" in run("slow", "--explain").stdout
    assert json.loads(run("slow", "--json").stdout)["shapes"][0]["explained"]["plan"] == "COLLSCAN"
