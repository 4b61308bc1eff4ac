"""``mixillo integrity …``, as scripts and people use it."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database

from mixillo import create_app
from mixillo.cli.integrity import integrity
from mixillo.config import Settings
from mixillo.ops import datasets
from mixillo.ops.commands import OneSentence, Surroundings
from tests.ops.integrity.world import stored

Run = Callable[..., Result]


@pytest.fixture
def run(db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as the ``mixillo`` program does, against the tests' database."""
    group = OneSentence("mixillo", commands={"integrity": integrity})
    surroundings = Surroundings(create_app)
    monkeypatch.setitem(surroundings.__dict__, "settings", replace(settings))

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(group, ["integrity", *arguments], input=typed, obj=surroundings)

    return run


def test_scan_plan_apply_and_undo_from_a_script(run: Run, db: Database, ops_db: Database) -> None:
    datasets.load(db, "report")
    before = stored(db)
    scanned = run("scan", "--json")
    assert (scanned.exit_code, json.loads(scanned.stdout)["issues"]) == (1, 6)
    planned = json.loads(run("plan", "--action", "reassign", "--only", "contents.userId", "--json").stdout)
    assert (planned["documents"], planned["confirmation"]) == (6, "reassign 6")
    applied = run("apply", planned["id"], "--yes", "--json")
    assert applied.exit_code == 0, applied.output
    assert json.loads(applied.stdout)["changed"] == 6
    assert run("scan", "--json").exit_code == 0
    undone = run("undo", json.loads(applied.stdout)["id"], "--yes", "--json")
    assert json.loads(undone.stdout)["undo"]["restored"] == 6
    assert stored(db) == before
    kinds = [(job["kind"], job["state"], job["actor"]["name"]) for job in ops_db.jobs.find().sort("_id", 1)]
    assert kinds == [
        ("integrity.scan", "done", "mixillo integrity scan"),
        ("integrity.change", "done", "mixillo integrity plan"),
        ("integrity.change", "done", "mixillo integrity apply"),
        ("integrity.scan", "done", "mixillo integrity scan"),
        ("integrity.change", "done", "mixillo integrity undo"),
    ]


def test_a_person_reads_a_table_and_types_the_confirmation(run: Run, db: Database) -> None:
    datasets.load(db, "report")
    scanned = run("scan")
    assert "contents.userId" in scanned.stdout
    assert "6 references lead nowhere" in scanned.stdout
    planned = run("plan", "--action", "delete")
    plan_id = planned.stdout.rpartition("apply ")[2].partition("`")[0]
    refused = run("apply", plan_id, typed="yes\n")
    assert (refused.exit_code, db.contents.count_documents({})) == (1, 6)
    assert "nothing was changed" in refused.stderr
    applied = run("apply", plan_id, typed="delete 6\n")
    assert (applied.exit_code, db.contents.count_documents({})) == (0, 0)
    run_id = applied.stdout.rpartition("undo ")[2].partition("`")[0]
    undone = run("undo", run_id, typed="undo 6\n")
    assert "Restored 6 documents." in undone.stdout


def test_failures_are_one_sentence(run: Run) -> None:
    result = run("apply", "64b7f3a2c9e77a0012ab34cd", "--yes")
    assert (result.exit_code, result.stderr) == (1, "Error: There is no plan 64b7f3a2c9e77a0012ab34cd.\n")
    assert "is not an id" in run("undo", "six").stderr
    assert run("scan").exit_code == 0
