"""`mixillo backup …`: each command does what it says, and a failure is one sentence and status 1."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database

from mixillo.app import create_app
from mixillo.cli import main
from mixillo.config import Settings
from mixillo.ops.backups import Backup
from mixillo.ops.commands import Surroundings
from tests.ops.backups.conftest import contents
from tests.ops.backups.test_restoring import flip_a_byte

Command = Callable[..., Result]


@pytest.fixture
def mixillo(database: Database, settings: Settings, mongod, tmp_path: Path) -> Command:
    """Run a command on ``database``; backups are kept below ``tmp_path``."""
    places = {"mongodb_uri": mongod.uri_of(database.name), "data_dir": str(tmp_path)}
    surroundings = Surroundings(create_app)
    surroundings.__dict__["settings"] = Settings(**vars(settings) | places)
    return lambda *words, **more: CliRunner().invoke(main, [*words], obj=surroundings, **more)


@pytest.fixture
def users(database: Database) -> Database:
    """A few documents."""
    database["users"].insert_many([{"n": n} for n in range(10)])
    database["users"].create_index("n", unique=True)
    return database


def parsed(result: Result) -> dict:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_backup_is_made_listed_verified_and_restored(users: Database, mixillo: Command, tmp_path: Path) -> None:
    made = parsed(mixillo("backup", "create", "--json"))
    assert made["location"].startswith(str(tmp_path / "backups"))
    assert made["documents"] >= 10
    assert parsed(mixillo("backup", "verify", "--json"))["ok"] is True
    listed = parsed(mixillo("backup", "list", "--json"))["backups"]
    assert [(entry["name"], entry["verified"]) for entry in listed] == [(made["name"], True)]
    copy = f"{users.name}_copy"
    try:
        restored = parsed(mixillo("backup", "restore", made["location"], "--into", copy, "--json"))
        assert restored["databases"] == {"owner": copy, "ops": f"{copy}_ops"}
        assert contents(users.client[copy]) == contents(users)
    finally:
        users.client.drop_database(copy)
        users.client.drop_database(f"{copy}_ops")


def test_the_work_is_recorded_as_a_job(users: Database, mixillo: Command) -> None:
    mixillo("backup", "create")
    job = users.client[f"{users.name}_ops"]["jobs"].find_one({"kind": "backup"})
    assert job is not None
    assert (job["state"], job["done"] >= 10) == ("done", True)


def test_restoring_over_data_needs_the_typed_name(users: Database, mixillo: Command) -> None:
    location = parsed(mixillo("backup", "create", "--json"))["location"]
    users["users"].insert_one({"n": "later"})
    refused = mixillo("backup", "restore", location)
    assert refused.exit_code == 1
    assert "is not empty" in refused.stderr
    mistyped = mixillo("backup", "restore", location, "--drop", input="yes\n")
    assert mistyped.exit_code == 1
    assert users["users"].count_documents({}) == 11
    assert mixillo("backup", "restore", location, "--drop", input=f"{users.name}\n").exit_code == 0
    assert users["users"].count_documents({}) == 10
    assert mixillo("backup", "restore", location, "--drop", "--yes").exit_code == 0


def test_verifying_a_damaged_backup_ends_with_status_1(mixillo: Command, backup: Backup) -> None:
    flip_a_byte(Path(backup.location))
    result = mixillo("backup", "verify", backup.location)
    assert result.exit_code == 1
    assert "users.bson.gz is not what was written" in result.stderr
    assert mixillo("backup", "verify", backup.location, "--json").exit_code == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("create", "--to", "/dev/null/x"), "Error: /dev/null/x"),
        (("create", "--to", "ftp://x"), "Error: ftp://x names neither a directory nor a bucket"),
        (("verify",), "Error: There is no complete backup in "),
        (("restore", "/nowhere"), "Error: There is no complete backup in /nowhere."),
    ],
)
def test_a_failure_is_one_sentence(users: Database, mixillo: Command, words: tuple[str, ...], sentence: str) -> None:
    result = mixillo("backup", *words)
    assert result.exit_code == 1
    assert result.stderr.strip().splitlines()[-1].startswith(sentence)


def test_pruning_says_what_it_does(users: Database, mixillo: Command) -> None:
    names = [parsed(mixillo("backup", "create", "--json"))["name"] for _ in range(2)]
    keep_none = ("--keep-daily", "0", "--keep-weekly", "0", "--keep-monthly", "0")
    planned = parsed(mixillo("backup", "prune", *keep_none, "--dry-run", "--json"))
    assert planned == {"dryRun": True, "kept": names[1:], "removed": names[:1]}
    assert f"Removed {names[0]}" in mixillo("backup", "prune", *keep_none).stdout
    assert names[1] in mixillo("backup", "list").stdout
