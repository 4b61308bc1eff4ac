"""`mixillo probe`."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response
from pymongo.database import Database

from mixillo.cli import main
from mixillo.config import Settings
from mixillo.ops import jobs
from mixillo.ops.commands import Surroundings
from mixillo.ops.probes import history, recorded
from tests.ops.probes.conftest import serving
from tests.ops.probes.speaker import ADMIN_TOKEN, Speaker, speaking

Mixillo = Callable[..., Result]


@pytest.fixture
def command(settings: Settings, app: Flask) -> Mixillo:
    """Run `mixillo probe …` where the database of the tests is."""
    return lambda *words, **more: CliRunner().invoke(main, ["probe", *words], obj=_surroundings(settings, app), **more)


@pytest.fixture
def elsewhere(app: Flask, tmp_path: Path) -> Mixillo:
    """Run `mixillo probe …` where there is no database."""
    nowhere = Settings(data_dir=str(tmp_path))
    return lambda *words, **more: CliRunner().invoke(main, ["probe", *words], obj=_surroundings(nowhere, app), **more)


def _surroundings(settings: Settings, app: Flask) -> Surroundings:
    surroundings = Surroundings(lambda _settings: app)
    surroundings.__dict__["settings"] = settings
    return surroundings


@pytest.fixture
def speaking_at(speaker: Speaker) -> Iterator[str]:
    with serving(speaking(speaker)) as url:
        yield url


def test_mixillo_is_probed_remembered_and_left_as_it_was(
    command: Mixillo, mixillo: str, db: Database, ops_db: Database
) -> None:
    result = command("--base-url", mixillo, "--module", "users")
    assert result.exit_code == 0, result.output
    assert "100.00 %" in result.stdout
    assert db["users"].count_documents({}) == 0
    stored = history.latest(ops_db, module="users")
    assert stored is not None
    assert stored["rate"] == 100.0
    job = jobs.latest(ops_db, recorded.KIND)
    assert job is not None
    assert (job["state"], job["result"]["runId"]) == (jobs.DONE, stored["_id"])
    assert job["parameters"]["module"] == "users"


def test_json_is_the_whole_run(command: Mixillo, speaking_at: str, ops_db: Database) -> None:
    result = command("--base-url", speaking_at, "--admin-token", ADMIN_TOKEN, "--json")
    found = json.loads(result.stdout)
    stored = history.latest(ops_db)
    assert stored is not None
    assert found["id"] == str(stored["_id"])
    assert {m["name"] for m in found["modules"]} == {"documentation", "health", "auth", "notes", "users", "admin"}
    assert found["modules"][0]["endpoints"][0]["cases"][0]["name"] == "document"


def test_without_a_database_the_same_is_printed_and_nothing_remembered(elsewhere: Mixillo, speaking_at: str) -> None:
    result = elsewhere("--base-url", speaking_at, "--admin-token", ADMIN_TOKEN, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["rate"] == 100.0


def test_below_a_hundred_percent_the_exit_status_is_1_and_each_failing_case_is_told(
    elsewhere: Mixillo, speaking_at: str, speaker: Speaker
) -> None:
    speaker.faults["GET /api/users"] = lambda _response: Response(status=500, headers={"X-Request-Id": "r-1"})
    result = elsewhere("--base-url", speaking_at, "--module", "users")
    assert result.exit_code == 1
    assert "GET /api/users · no token: expected 200, got 500 Internal Server Error" in result.stdout
    assert "request r-1" in result.stdout
    assert "1/2 endpoints pass, 50.00 %" in result.stdout


def test_in_production_it_says_what_was_skipped(elsewhere: Mixillo, speaking_at: str, speaker: Speaker) -> None:
    speaker.environment = "production"
    result = elsewhere("--base-url", speaking_at)
    assert "cases that change things were skipped" in result.stdout
    assert elsewhere("--base-url", speaking_at, "--unsafe").stdout.count("were skipped") == 0


def test_nothing_that_could_be_judged_is_no_success(elsewhere: Mixillo, speaking_at: str, speaker: Speaker) -> None:
    speaker.environment = "production"
    result = elsewhere("--base-url", speaking_at, "--module", "notes")
    assert result.exit_code == 1
    assert "0/0 endpoints pass, –" in result.stdout


def test_a_server_that_is_not_there_is_a_finding(elsewhere: Mixillo) -> None:
    result = elsewhere("--base-url", "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert "GET /api/openapi.json · document: the connection was refused" in result.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--base-url", "nonsense"), "is not a base URL"),
        (("--timeout", "0"), "--timeout"),
        (("--modules", "auth"), "--modules"),
    ],
)
def test_wrong_usage_is_exit_status_2(elsewhere: Mixillo, words: tuple[str, ...], told: str) -> None:
    result = elsewhere(*words)
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.parametrize("where", ["command", "elsewhere"])
def test_an_unknown_module_is_wrong_usage_and_the_known_ones_are_named(
    where: str, speaking_at: str, request: pytest.FixtureRequest
) -> None:
    result = request.getfixturevalue(where)("--base-url", speaking_at, "--module", "nothing")
    assert result.exit_code == 2
    assert "there are admin, auth, health, notes, users" in result.output


def test_the_command_by_itself_knows_what_belongs_to_an_account() -> None:
    script = (
        "import mixillo.cli.probe; from mixillo.core.db import references; print([r.collection for r in references()])"
    )
    known = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "follows" in known
    assert "blockedusers" in known
