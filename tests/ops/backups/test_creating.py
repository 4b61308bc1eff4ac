"""A backup shows one moment although others write, and what was cut off half-way never passes for one."""

import gzip
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bson
import pytest
from bson import json_util
from pymongo import MongoClient
from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.backups import Backup, BackupError, catalogue, create, creating, find, history, latest, open_storage
from mixillo.ops.backups.manifest import FILE
from mixillo.ops.backups.snapshot import DEFAULT_WINDOW, PARAMETER, RAISED_WINDOW
from mixillo.ops.backups.storage import Storage
from mixillo.ops.mongod import Mongod, find_program
from tests.waiting import wait_until

START = 1_000_000


@contextmanager
def transferring(first: Database, last: Database) -> Iterator[list[int]]:
    """Move amounts between an account in each database, in transactions, until the block ends."""
    first["a_accounts"].insert_one({"_id": 1, "balance": START})
    last["z_accounts"].insert_one({"_id": 1, "balance": START})
    amounts: list[int] = []
    over = threading.Event()

    def transfer(session) -> None:
        amount = len(amounts) + 1
        first["a_accounts"].update_one({"_id": 1}, {"$inc": {"balance": -amount}}, session=session)
        last["z_accounts"].update_one({"_id": 1}, {"$inc": {"balance": amount}}, session=session)

    def run() -> None:
        with first.client.start_session() as session:
            while not over.is_set():
                session.with_transaction(transfer)
                amounts.append(len(amounts) + 1)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_until(lambda: len(amounts) > 5)
        yield amounts
    finally:
        over.set()
        thread.join()


def documents_of(backup: Backup, collection: str) -> list[dict]:
    path = next(Path(backup.location).glob(f"*/{collection}.bson.gz"))
    return bson.decode_all(gzip.decompress(path.read_bytes()))


def test_money_that_moves_meanwhile_is_neither_lost_nor_doubled(
    database: Database, ops: Database, storage: Storage
) -> None:
    """The accounts are the first and the last collection read, in different databases, with much in between."""
    for number in range(5):
        database[f"filler{number}"].insert_many([{"n": n, "text": "x" * 300} for n in range(8_000)])
    with transferring(ops, database) as amounts:
        before = len(amounts)
        manifest = create(database, ops, storage)
        meanwhile = len(amounts) - before
    backup = Backup(storage, manifest.name)
    balances = [documents_of(backup, name)[0]["balance"] for name in ("a_accounts", "z_accounts")]
    assert meanwhile > 20
    assert sum(balances) == 2 * START
    assert balances[1] > START


def test_the_files_are_where_mongorestore_looks_for_them(
    filled: Database, filled_ops: Database, backup: Backup
) -> None:
    folder = Path(backup.location) / filled.name
    metadata = json_util.loads(gzip.decompress((folder / "users.metadata.json.gz").read_bytes()))
    assert [metadata["collectionName"], metadata["type"], len(metadata["uuid"])] == ["users", "collection", 32]
    assert [index["name"] for index in metadata["indexes"]] == ["_id_", "email_1", "at_1", "some", "bio_text"]
    assert len(documents_of(backup, "users")) == 2_500
    assert (folder / "100%25%20a%2Fb.bson.gz").is_file()
    assert (folder / "system.buckets.measures.bson.gz").is_file()
    assert not (folder / "adults.bson.gz").exists()
    assert (folder / "adults.metadata.json.gz").is_file()


def test_what_is_not_an_ordinary_collection_is_named(backup: Backup) -> None:
    notes = backup.manifest().notes
    assert notes[0].startswith("recent is capped")
    assert notes[1].startswith("measures is a time series")
    assert notes[2].startswith("adults is a view")


def test_only_its_owner_may_read_a_backup(backup: Backup) -> None:
    modes = {stat.S_IMODE(path.stat().st_mode) for path in Path(backup.location).rglob("*")}
    assert modes == {0o700, 0o600}


def test_progress_ends_where_the_documents_end(filled: Database, filled_ops: Database, storage: Storage) -> None:
    told: list[tuple[int, int]] = []
    manifest = create(filled, filled_ops, storage, progress=lambda done, total, _what: told.append((done, total)))
    assert told[-1] == (manifest.documents, told[-1][1])
    assert told == sorted(told)
    assert all(done <= total for done, total in told)


def test_the_dashboard_knows_of_it(filled: Database, filled_ops: Database, storage: Storage) -> None:
    manifest = create(filled, filled_ops, storage)
    record = latest(filled_ops)
    assert record is not None
    assert record["location"] == storage.location_of(manifest.name)
    assert (record["documents"], record["size"]) == (manifest.documents, manifest.stored_bytes)
    assert (manifest.created_at - manifest.snapshot_at).total_seconds() < 30


def test_two_in_the_same_second_have_different_names(database: Database, ops: Database, storage: Storage) -> None:
    names = [create(database, ops, storage).name for _ in range(3)]
    assert len(set(names)) == 3
    assert [entry.name for entry in catalogue(storage)] == names[::-1]
    assert find(storage.location).name == names[-1]


def test_a_collection_dropped_meanwhile_is_not_backed_up_as_empty(
    database: Database, ops: Database, storage: Storage
) -> None:
    database["users"].insert_one({})
    with pytest.raises(BackupError, match="users was dropped or renamed while it was being backed up"):
        create(database, ops, storage, progress=lambda *_: database.drop_collection("users"))


def test_a_full_disk_is_one_sentence_and_a_marked_folder(
    filled: Database, filled_ops: Database, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(creating, "fresh_name", lambda _storage: "20260101T000000Z")
    folder = tmp_path / "backups" / "20260101T000000Z" / filled.name
    folder.mkdir(parents=True)
    (folder / "users.bson.gz").symlink_to("/dev/full")
    with pytest.raises(BackupError, match=r"^The disk that holds \S+ is full \(collection \d+ of \d+\); \S+ is marked"):
        create(filled, filled_ops, storage)
    assert_partial(storage, filled_ops, "is full")


def assert_partial(storage: Storage, ops: Database, reason: str) -> None:
    entries = catalogue(storage)
    assert [entry.state for entry in entries] == ["partial"]
    assert reason in (entries[0].error or "")
    assert latest(ops) is None
    assert history(ops)[0]["state"] == "failed"
    assert reason in history(ops)[0]["error"]
    with pytest.raises(BackupError, match="no complete backup"):
        find(storage.location)
    with pytest.raises(BackupError, match="is a partial backup, it has no manifest"):
        find(entries[0].location).manifest()


@pytest.mark.parametrize("place", ["/sys/backups", "/dev/null/backups"])
def test_a_place_that_cannot_be_written_is_one_sentence(filled: Database, filled_ops: Database, place: str) -> None:
    with pytest.raises(BackupError, match=rf"^{place}.* cannot be used: [a-z ]+\.$"):
        create(filled, filled_ops, open_storage(place))
    assert history(filled_ops)[0]["state"] == "failed"


@pytest.mark.slow
def test_a_database_that_is_lost_half_way_leaves_a_marked_folder(tmp_path: Path, storage: Storage) -> None:
    server = Mongod(tmp_path / "mongod", find_program())
    server.start()
    try:
        with MongoClient(server.uri, serverSelectionTimeoutMS=1_000) as client:
            client["lost"]["users"].insert_many([{"text": "x" * 1_000} for _ in range(40_000)])
            with pytest.raises(BackupError, match=r"^The database was lost \(\w+\) while users was being backed up"):
                create(client["lost"], client["lost_ops"], storage, progress=lambda *of: kill(server, of))
    finally:
        server.stop()
    assert [entry.state for entry in catalogue(storage)] == ["partial"]


def kill(server: Mongod, progress: tuple[int, int, str]) -> None:
    if progress[2] == "users" and not server.exited:
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: server.exited)


KILLED = """
import os, signal, sys
from pymongo import MongoClient
from mixillo.ops.backups import create, open_storage
client = MongoClient(sys.argv[1])
def die(done, total, what):
    if done > 1_000: os.kill(os.getpid(), signal.SIGKILL)
create(client[sys.argv[2]], client[sys.argv[2] + "_ops"], open_storage(sys.argv[3]), progress=die)
"""


@pytest.mark.slow
def test_a_process_that_was_killed_leaves_a_partial_backup_and_the_next_one_works(
    filled: Database, filled_ops: Database, storage: Storage, mongod: Mongod, tmp_path: Path
) -> None:
    place = str(tmp_path / "backups")
    ended = subprocess.run([sys.executable, "-c", KILLED, mongod.uri, filled.name, place], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert [entry.state for entry in catalogue(storage)] == ["partial"]
    assert "process" in (catalogue(storage)[0].error or "")
    assert history_window(filled) == RAISED_WINDOW
    create(filled, filled_ops, storage)
    assert [entry.state for entry in catalogue(storage)] == ["complete", "partial"]
    assert [record["state"] for record in history(filled_ops)] == ["done", "interrupted"]
    assert history_window(filled) == DEFAULT_WINDOW


def history_window(database: Database) -> int:
    return int(database.client.admin.command({"getParameter": 1, PARAMETER: 1})[PARAMETER])


def test_a_long_dump_outlives_the_servers_default_history(database: Database, ops: Database, storage: Storage) -> None:
    """With no history at all a read that follows a write would find its moment gone."""
    for name in ("first", "second", "third"):
        database[name].insert_many([{"n": n} for n in range(500)])
    database.client.admin.command({"setParameter": 1, PARAMETER: 0})
    seen: list[int] = []

    def slow(_done: int, _total: int, _what: str) -> None:
        seen.append(history_window(database))
        database["third"].insert_one({"at": clock.now()})

    try:
        create(database, ops, storage, progress=slow)
        assert set(seen) == {RAISED_WINDOW}
        assert history_window(database) == 0
    finally:
        database.client.admin.command({"setParameter": 1, PARAMETER: DEFAULT_WINDOW})


def test_there_is_no_manifest_before_everything_else_is_written(
    filled: Database, filled_ops: Database, storage: Storage, tmp_path: Path
) -> None:
    def no_manifest(*_progress: object) -> None:
        assert list((tmp_path / "backups").glob(f"*/{FILE}")) == []

    create(filled, filled_ops, storage, progress=no_manifest)
    assert len(list((tmp_path / "backups").glob(f"*/{FILE}"))) == 1
