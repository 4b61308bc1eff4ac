"""Verifying restores for real, says what came of it, and leaves nothing behind."""

import json
from pathlib import Path

from pymongo.database import Database

from mixillo.ops.backups import Backup, catalogue, history, latest, restore, verify
from mixillo.ops.backups.manifest import FILE
from tests.ops.backups.test_restoring import flip_a_byte, rewrite


def databases(database: Database) -> list[str]:
    return sorted(database.client.list_database_names())


def test_a_good_backup_is_verified_and_nothing_is_left_behind(
    filled: Database, filled_ops: Database, backup: Backup
) -> None:
    before = databases(filled)
    outcome = verify(backup, filled, filled_ops)
    assert outcome.error is None
    assert (outcome.ok, outcome.documents) == (True, backup.manifest().documents)
    assert outcome.indexes >= 15
    assert databases(filled) == before
    record = latest(filled_ops)
    assert record is not None
    assert (record["verified"], record["verifiedAt"]) == (True, outcome.verified_at)
    assert (catalogue(backup.storage)[0].verified, catalogue(backup.storage)[0].verified_at) == (
        True,
        outcome.verified_at,
    )


def test_a_damaged_backup_is_found_out(filled: Database, filled_ops: Database, backup: Backup) -> None:
    flip_a_byte(Path(backup.location))
    outcome = verify(backup, filled, filled_ops)
    assert not outcome.ok
    assert "users.bson.gz is not what was written" in (outcome.error or "")
    assert catalogue(backup.storage)[0].verified is False
    record = history(filled_ops)[0]
    assert (record["verified"], record["verificationError"]) == (False, outcome.error)


def test_documents_that_are_others_than_were_dumped_are_found_out(
    filled: Database, filled_ops: Database, backup: Backup
) -> None:
    before = databases(filled)
    rewrite(backup, lambda values: values["parts"][3].update(digest="1" * 64))
    outcome = verify(backup, filled, filled_ops)
    assert "are not those that were backed up" in (outcome.error or "")
    assert databases(filled) == before


def test_a_partial_backup_is_not_verified(filled: Database, filled_ops: Database, backup: Backup) -> None:
    (Path(backup.location) / FILE).unlink()
    outcome = verify(backup, filled, filled_ops)
    assert "has no manifest.json" in (outcome.error or "")


def test_the_scratch_database_of_a_killed_process_is_removed_by_the_next(
    filled: Database, filled_ops: Database, backup: Backup
) -> None:
    before = databases(filled)
    filled.client[f"{filled.name[:20]}_verify_abandoned"]["users"].insert_one({})
    verify(backup, filled, filled_ops)
    assert databases(filled) == before


def test_a_backup_that_another_system_made_is_recorded_when_it_is_verified(
    backup: Backup, target: Database, target_ops: Database
) -> None:
    restore(backup, target, target_ops)
    assert history(target_ops) == []
    verify(backup, target, target_ops)
    record = latest(target_ops)
    assert record is not None
    assert (record["verified"], record["name"]) == (True, backup.name)


def test_the_outcome_is_plain_json(filled: Database, filled_ops: Database, backup: Backup) -> None:
    assert json.loads(json.dumps(verify(backup, filled, filled_ops).as_dict()))["ok"] is True
