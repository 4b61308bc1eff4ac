"""``mixillo user create``."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from pymongo.database import Database

from mixillo import create_app
from mixillo.blueprints.users.cli import user
from mixillo.config import Settings
from mixillo.ops.commands import OneSentence, Surroundings
from tests.factories.auth import client_of
from tests.factories.users import make_user

ADMIN = ["--username", "Boss", "--email", "Boss@Example.com", "--full-name", "The Boss", "--role", "admin"]
PASSWORD = "a quiet engine"


@pytest.fixture
def run(app: Flask, settings: Settings, tmp_path, monkeypatch: pytest.MonkeyPatch):
    """Run the command as the ``mixillo`` program does, against the tests' database."""
    group = OneSentence("mixillo", commands={"user": user})
    surroundings = Surroundings(create_app)
    monkeypatch.setitem(surroundings.__dict__, "settings", replace(settings, data_dir=str(tmp_path)))

    def run(*arguments: str, typed: str = f"{PASSWORD}\n") -> Result:
        return CliRunner().invoke(group, ["user", "create", *arguments], input=typed, obj=surroundings)

    return run


def test_an_administrator_is_created_and_signs_in(run, app: Flask, db: Database, ops_db: Database) -> None:
    result = run(*ADMIN, "--password-stdin", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    stored = db["users"].find_one()
    assert told == {"_id": str(stored["_id"]), "username": "Boss", "email": "boss@example.com", "role": "admin"}
    assert stored["emailVerifiedAt"]
    entry = ops_db["auditlog"].find_one()
    assert (entry["action"], entry["targetId"]) == ("user.created", stored["_id"])
    body = {"username": "boss", "password": PASSWORD}
    assert client_of(app).post("/api/auth/login", json=body).json["data"]["user"]["role"] == "admin"


def test_the_password_is_asked_for_twice_and_not_shown(run, db: Database) -> None:
    result = run(*ADMIN, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Created admin Boss (")
    assert PASSWORD not in result.output


@pytest.mark.parametrize(
    ("changes", "password", "said"),
    [
        (["--username", "no!"], PASSWORD, "username: Must have 3 to 30 letters"),
        (["--email", "x"], PASSWORD, "email: Not a valid e-mail address."),
        (["--full-name", " "], PASSWORD, "fullName: "),
        ([], "password123", "password: Too common"),
        ([], "", "password: Must have 8"),
        (["--username", "TAKEN"], PASSWORD, "cannot be used"),
    ],
)
def test_what_is_wrong_is_one_sentence(run, db: Database, changes: list[str], password: str, said: str) -> None:
    make_user(db, username="taken")
    result = run(*ADMIN, *changes, "--password-stdin", typed=f"{password}\n")
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert db["users"].count_documents({}) == 1


def test_only_known_roles_are_given(run, db: Database) -> None:
    assert run(*ADMIN[:-1], "god", "--password-stdin").exit_code == 2
    assert db["users"].count_documents({}) == 0
