"""``mixillo report``, as scripts and people use it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database

from mixillo import create_app
from mixillo.cli.report import report
from mixillo.config import Settings
from mixillo.ops.commands import OneSentence, Surroundings
from mixillo.ops.report import frozen

Run = Callable[..., Result]


@pytest.fixture
def run(ops_db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command as the ``mixillo`` program does, against the tests' database."""
    group = OneSentence("mixillo", commands={"report": report})
    surroundings = Surroundings(create_app)
    monkeypatch.setitem(surroundings.__dict__, "settings", replace(settings))
    return lambda *arguments: CliRunner().invoke(group, ["report", *arguments], obj=surroundings)


def test_markdown_goes_to_the_standard_output(run: Run) -> None:
    done = run("--period", "7d")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("# Mixillo backend stabilization report\n")
    assert "(7d)" in done.stdout


def test_html_goes_to_a_file(run: Run, tmp_path: Path) -> None:
    done = run("--format", "html", "--output", str(tmp_path / "report.html"))
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")


def test_json_holds_the_whole_tree(run: Run) -> None:
    found = json.loads(run("--format", "json").stdout)
    assert [each["id"] for each in found["sections"]][:2] == ["executive-summary", "infrastructure"]


def test_a_kept_one_is_listed(run: Run, ops_db: Database) -> None:
    assert frozen(ops_db) == []
    assert run("--freeze").exit_code == 0
    (kept,) = frozen(ops_db)
    assert kept["actor"] == {"kind": "command", "name": "mixillo report"}


def test_a_period_that_nobody_measures_is_refused(run: Run) -> None:
    assert run("--period", "century").exit_code == 2
