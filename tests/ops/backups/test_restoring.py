"""What comes out of a backup is what went in; a backup that is not whole is refused before anything is touched."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pymongo.database import Database

from mixillo.ops import datasets, migrations
from mixillo.ops.backups import Backup, BackupError, create, find, restore
from mixillo.ops.backups.manifest import FILE, FORMAT, Manifest, _checksum
from mixillo.ops.backups.storage import Storage
from tests.ops.backups.conftest import contents

Damage = Callable[[Path], None]


def test_a_new_server_holds_the_same_documents_options_and_indexes(
    filled: Database, filled_ops: Database, backup: Backup, target: Database, target_ops: Database
) -> None:
    restored = restore(backup, target, target_ops)
    assert contents(target) == contents(filled)
    expected = contents(filled_ops)
    del expected["backups"], expected["locks"]  # in use here, and of no use there
    found = contents(target_ops)
    assert {name: found[name] for name in expected} == expected
    assert restored.documents == backup.manifest().documents == 2_500 + 3 + 2 + 1 + 1 + 1 + 1 + 1  # one bucket


def test_ended_sessions_do_not_come_back_but_their_indexes_do(
    backup: Backup, target: Database, target_ops: Database
) -> None:
    restore(backup, target, target_ops)
    assert target_ops["sessions"].count_documents({}) == 0
    assert target_ops["sessions"].index_information()["expiresAt_1"]["expireAfterSeconds"] == 86_400
    assert "sessions" in [entry["collection"] for entry in backup.manifest().left_out]


def test_a_view_shows_what_it_showed(backup: Backup, target: Database, target_ops: Database) -> None:
    restore(backup, target, target_ops)
    assert target["adults"].count_documents({}) == 2_500 - 19


def test_what_is_not_empty_is_not_touched(backup: Backup, target: Database, target_ops: Database) -> None:
    target["users"].insert_one({"_id": "mine"})
    with pytest.raises(BackupError, match=r"restored is not empty \(1 collections, users among them\)"):
        restore(backup, target, target_ops)
    assert list(target["users"].find()) == [{"_id": "mine"}]


def test_what_may_be_dropped_is_replaced_as_a_whole(
    filled: Database, backup: Backup, target: Database, target_ops: Database
) -> None:
    target["users"].insert_one({"_id": "old"})
    target["extra"].insert_one({"_id": "old"})
    target.create_collection("names", viewOn="extra", pipeline=[])
    target_ops["sessions"].insert_one({"_id": "of the old data"})
    restore(backup, target, target_ops, drop=True)
    assert contents(target) == contents(filled)
    assert target_ops["sessions"].count_documents({}) == 0


def test_a_restore_that_fails_leaves_the_database_as_it_was(
    backup: Backup, target: Database, target_ops: Database
) -> None:
    """The file is whole but its digest is another: found only when the documents are read back."""
    target["users"].insert_one({"_id": "mine"})
    rewrite(backup, lambda values: values["parts"][0].update(digest="0" * 64))
    with pytest.raises(BackupError, match="are not those that were backed up"):
        restore(backup, target, target_ops, drop=True)
    assert target.list_collection_names() == ["users"]
    assert list(target["users"].find()) == [{"_id": "mine"}]


def rewrite(backup: Backup, change: Callable[[dict], None]) -> None:
    """Change the manifest and make its checksum fit."""
    values = json.loads(backup.storage.read(f"{backup.name}/{FILE}") or b"")
    del values["checksum"]
    change(values)
    content = json.dumps(values | {"checksum": _checksum(values)}).encode()
    backup.storage.write(f"{backup.name}/{FILE}", content)


def users_of(folder: Path) -> Path:
    return next(folder.glob("*/users.bson.gz"))


def flip_a_byte(folder: Path) -> None:
    content = bytearray(users_of(folder).read_bytes())
    content[len(content) // 2] ^= 1
    users_of(folder).write_bytes(content)


def cut_short(folder: Path) -> None:
    users_of(folder).write_bytes(users_of(folder).read_bytes()[:-200])


def flip_a_byte_of_the_manifest(folder: Path) -> None:
    text = (folder / FILE).read_text("utf-8").replace('"documents": 2500', '"documents": 2501')
    (folder / FILE).write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (flip_a_byte, "users.bson.gz is not what was written"),
        (cut_short, "users.bson.gz is not what was written"),
        (lambda folder: users_of(folder).unlink(), "users.bson.gz is missing"),
        (lambda folder: next(folder.glob("*/users.metadata.json.gz")).unlink(), "users.metadata.json.gz is missing"),
        (lambda folder: (folder / FILE).unlink(), "is no backup: it has no manifest.json"),
        (lambda folder: (folder / FILE).write_bytes(b'{"parts": ['), "damaged: it cannot be read"),
        (lambda folder: (folder / FILE).write_bytes(b""), "damaged: it cannot be read"),
        (lambda folder: (folder / FILE).write_bytes(b"[1]"), "damaged: it cannot be read"),
        (flip_a_byte_of_the_manifest, "its checksum does not fit"),
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    backup: Backup, target: Database, target_ops: Database, damage: Damage, reason: str
) -> None:
    target["users"].insert_one({"_id": "mine"})
    damage(Path(backup.location))
    with pytest.raises(BackupError, match=reason):
        restore(backup, target, target_ops, drop=True)
    assert target.list_collection_names() == ["users"]
    assert target_ops.list_collection_names() == []


def test_a_file_that_was_cut_before_it_was_hashed_is_refused_too(
    backup: Backup, target: Database, target_ops: Database
) -> None:
    path = users_of(Path(backup.location))
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-7]))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    def fit(values: dict) -> None:
        next(p for p in values["parts"] if p["name"] == "users")["data"]["sha256"] = digest

    rewrite(backup, fit)
    with pytest.raises(BackupError, match="ends in the middle of a document"):
        restore(backup, target, target_ops)
    assert target.list_collection_names() == []


def test_a_backup_in_the_format_of_another_version_is_refused(
    backup: Backup, target: Database, target_ops: Database
) -> None:
    rewrite(backup, lambda values: values.update(format=FORMAT + 1, mixillo_version="9.9"))
    with pytest.raises(BackupError, match=r"is in format 2, and this version reads format 1; use Mixillo 9\.9"):
        restore(backup, target, target_ops)


def test_a_backup_with_migrations_of_a_later_version_is_refused(
    backup: Backup, target: Database, target_ops: Database
) -> None:
    rewrite(backup, lambda values: values.update(migrations=["9999_of_the_future"]))
    with pytest.raises(BackupError, match="9999_of_the_future, which this version does not know"):
        restore(backup, target, target_ops)


@pytest.mark.slow
def test_the_reports_dataset_survives_the_round_trip(
    database: Database, ops: Database, storage: Storage, target: Database, target_ops: Database
) -> None:
    migrations.upgrade(database, ops)
    datasets.load(database, "report")
    create(database, ops, storage)
    restore(find(storage.location), target, target_ops)
    assert contents(target) == contents(database)
    assert migrations.upgrade(target, target_ops) == []


def test_the_manifest_survives_being_written(backup: Backup) -> None:
    manifest = backup.manifest()
    assert Manifest.parse(manifest.as_bytes(), "here") == manifest
