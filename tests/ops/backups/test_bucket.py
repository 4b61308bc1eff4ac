"""A bucket holds backups as a directory does; spoken to by the real client library."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from gcp_storage_emulator.server import create_server
from pymongo.database import Database

from mixillo.ops.backups import BackupError, Policy, catalogue, create, find, open_storage, prune, restore, verify
from mixillo.ops.backups.manifest import FILE
from tests.ops.backups.conftest import contents


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a prefix in a bucket of an emulator."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="backups")
    server.start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "test")
    yield "gs://backups/mixillo/daily"
    server.stop()


def test_a_bucket_is_backed_up_to_verified_restored_from_and_pruned(
    database: Database, ops: Database, bucket: str, target: Database, target_ops: Database
) -> None:
    database["users"].insert_many([{"n": n, "text": "x" * 500} for n in range(2_000)])
    database["users"].create_index("n", unique=True)
    storage = open_storage(bucket)
    assert catalogue(storage) == []
    first = create(database, ops, storage)
    assert verify(find(bucket), database, ops).error is None
    restore(find(f"{bucket}/{first.name}"), target, target_ops)
    assert contents(target) == contents(database)
    second = create(database, ops, storage)
    assert [(entry.name, entry.verified) for entry in catalogue(storage)] == [(second.name, None), (first.name, True)]
    third = create(database, ops, storage)
    prune(storage, Policy(1, 0, 0), ops=ops)
    assert [entry.name for entry in catalogue(storage)] == [third.name, first.name]


def test_a_backup_in_a_bucket_without_its_manifest_is_partial(database: Database, ops: Database, bucket: str) -> None:
    storage = open_storage(bucket)
    name = create(database, ops, storage).name
    storage.remove(f"{name}/{FILE}")
    assert [entry.state for entry in catalogue(storage)] == ["partial"]
    with pytest.raises(BackupError, match="no complete backup"):
        find(bucket)


def test_a_bucket_that_is_not_there_is_one_sentence(database: Database, ops: Database, bucket: str) -> None:
    with pytest.raises(BackupError, match=r"^gs://nowhere/x cannot be used \(NotFound\): .+"):
        create(database, ops, open_storage("gs://nowhere/x"))


def test_a_place_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="names neither a directory nor a bucket"):
        open_storage("s3://bucket/prefix")
