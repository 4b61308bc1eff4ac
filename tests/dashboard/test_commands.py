"""`mixillo operator …`, with and without somebody at the keyboard."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo import create_app
from mixillo.blueprints.dashboard.cli import operator as operator_group
from mixillo.config import Settings
from mixillo.ops.commands import OneSentence, Surroundings
from tests.dashboard.browsing import PASSWORD, sign_in

PERSON = ("--username", "bilal", "--email", "bilal@example.com", "--full-name", "Bilal Aziz", "--role", "operator")
Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, ops_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command with arguments and, if given, a standard input."""
    group = OneSentence("mixillo", commands={"operator": operator_group})
    surroundings = Surroundings(create_app)
    monkeypatch.setitem(surroundings.__dict__, "settings", replace(settings, data_dir=str(tmp_path)))

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(group, ["operator", *arguments], input=stdin, obj=surroundings)

    return run


def test_an_operator_made_by_the_command_can_sign_in(run: Run, client: FlaskClient) -> None:
    done = run("create", *PERSON, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (done.exit_code, done.output) == (0, "bilal may sign in as operator.\n")
    assert sign_in(client, "bilal").status_code == 303


def test_the_password_is_asked_for_twice_and_never_shown(run: Run, ops_db: Database) -> None:
    done = run("create", *PERSON, stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    assert PASSWORD not in done.output
    stored = ops_db["operators"].find_one()
    assert stored is not None
    assert stored["password"].startswith("$argon2id$")


def test_json_has_everything_but_the_password(run: Run) -> None:
    made = json.loads(run("create", *PERSON, "--password-stdin", "--json", stdin=PASSWORD).stdout)
    listed = json.loads(run("list", "--json").stdout)
    assert listed == [made]
    assert (made["username"], made["role"], made["lastSignInAt"]) == ("bilal", "operator", None)
    assert "password" not in made


def test_every_fault_is_told_at_once(run: Run) -> None:
    faulty = ("--username", "b", "--email", "nowhere", "--full-name", " ", "--role", "admin")
    done = run("create", *faulty, "--password-stdin", stdin="short")
    assert done.exit_code == 1
    for field in ("username", "email", "fullName", "password"):
        assert f"{field}: " in done.output


def test_a_name_is_given_once_in_whatever_case(run: Run) -> None:
    run("create", *PERSON, "--password-stdin", stdin=PASSWORD)
    again = run("create", "--username", "BILAL", *PERSON[2:], "--password-stdin", stdin=PASSWORD)
    assert again.exit_code == 1
    assert "There is an operator called BILAL." in again.output


def test_the_set_up_link_opens_the_form_until_there_is_an_operator(run: Run, client: FlaskClient) -> None:
    link = run("setup-link").output.strip()
    assert link.startswith("http://localhost:5000/ops/setup?token=")
    assert client.get(link.removeprefix("http://localhost:5000")).status_code == 200
    run("create", *PERSON, "--password-stdin", stdin=PASSWORD)
    done = run("setup-link")
    assert done.exit_code == 1
    assert "There is an operator already" in done.output


def test_the_list_names_everybody(run: Run) -> None:
    run("create", *PERSON, "--password-stdin", stdin=PASSWORD)
    listed = run("list").output
    assert "bilal" in listed
    assert "never" in listed


def test_what_commands_do_is_in_the_audit_log(run: Run, ops_db: Database) -> None:
    run("setup-link")
    run("create", *PERSON, "--password-stdin", stdin=PASSWORD)
    log = list(ops_db["auditlog"].find())
    assert [(entry["action"], entry["actor"]["kind"]) for entry in log] == [
        ("operator.setup_link_created", "command"),
        ("operator.created", "command"),
    ]
    assert log[1]["changes"] == {"after": {"username": "bilal", "role": "operator"}}
