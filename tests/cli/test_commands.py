"""Every command helps, prints JSON where a script would want it, and fails in one sentence."""

import errno
import json
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from pymongo.database import Database

from mixillo.cli import main
from mixillo.config import declarations
from mixillo.ops.commands import OneSentence
from mixillo.ops.mongod import MongodError
from mixillo.version import VERSION
from tests.cli.conftest import Mixillo


def commands(group: click.Group, path: str = "mixillo") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name, groups included."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


ALL = dict(commands(main))


@pytest.mark.parametrize("name", sorted(name for name, command in ALL.items() if not isinstance(command, click.Group)))
def test_every_command_has_a_help_text_with_an_example(name: str) -> None:
    command = ALL[name]
    assert command.help, name
    assert "Example" in command.help, name
    assert name in command.help, f"the example of {name} does not show it"


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_command_describes_itself_in_a_sentence(name: str) -> None:
    summary = (ALL[name].help or "").partition("\n\n")[0]
    assert summary.endswith("."), name


def test_the_version_is_printed(mixillo: Mixillo) -> None:
    assert mixillo("version").output == f"{VERSION}\n"
    assert VERSION in mixillo("--version").output


def test_an_unknown_command_is_a_usage_error(mixillo: Mixillo) -> None:
    assert mixillo("fly").exit_code == 2


def test_a_foreseeable_failure_is_one_sentence_and_status_one(
    mixillo: Mixillo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "http")
    result = mixillo("db", "stats")
    assert result.exit_code == 1
    assert result.stderr == "Error: PORT must be a whole number from 1 to 65535.\n"
    assert result.stdout == ""


def test_developers_can_see_where_it_failed() -> None:
    @click.command()
    def fail() -> None:
        raise MongodError("No.")

    group = OneSentence(commands={"fail": fail})
    with pytest.raises(click.ClickException, match="No"):
        group.main(["fail"], standalone_mode=False)


def test_a_reader_who_has_seen_enough_is_no_failure_to_speak_of() -> None:
    @click.command()
    def speak() -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    result = CliRunner().invoke(OneSentence(commands={"speak": speak}), ["speak"])
    assert (result.output, result.exit_code) == ("", 1)


def test_config_lists_every_setting_and_never_a_secret(mixillo: Mixillo, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "canary-0123456789-abcdefghij-klmnopq"
    monkeypatch.setenv("MONGODB_URI", f"mongodb://me:{canary}@example.com/shop")
    monkeypatch.setenv("JWT_SECRET", canary)
    monkeypatch.setenv("PORT", "8000")
    told = json.loads(mixillo("config", "--json").stdout)
    settings = {setting["name"]: setting for setting in told["settings"]}
    assert list(settings) == [declared.metadata["name"] for declared in declarations()]
    assert settings["JWT_SECRET"] | {"meaning": ""} == {
        "name": "JWT_SECRET", "present": True, "source": "environment", "secret": True, "value": None, "meaning": "",
    }  # fmt: skip
    assert (settings["PORT"]["value"], settings["PORT"]["source"]) == ("8000", "environment")
    assert (settings["MIXILLO_WORKER"]["value"], settings["MIXILLO_WORKER"]["source"]) == ("eventlet", "default")
    for output in (mixillo("config").output, mixillo("config", "--json").output):
        assert canary not in output


def test_config_says_what_production_would_refuse(mixillo: Mixillo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_ENV", "production")
    result = mixillo("config", "--json")
    assert result.exit_code == 1
    assert "JWT_SECRET is missing." in json.loads(result.stdout)["problems"]


def test_the_catalogue_of_events_needs_no_server_and_no_database(mixillo: Mixillo) -> None:
    printed = mixillo("events").stdout
    assert printed.startswith("| Event |")
    assert "`session:ended`" in printed


def test_the_openapi_document_needs_no_server_and_no_database(
    mixillo: Mixillo, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.delenv("MONGODB_URI")
    document = json.loads(mixillo("openapi").stdout)
    assert document["openapi"].startswith("3.1")
    assert "/health" in document["paths"]
    assert mixillo("openapi", "--output", f"{tmp_path}/openapi.json").output == ""
    with open(f"{tmp_path}/openapi.json", encoding="utf-8") as written:
        assert json.load(written) == document


def test_migrations_by_command(mixillo: Mixillo, database: Database) -> None:
    pending = json.loads(mixillo("db", "status", "--json").stdout)["pending"]
    migrated = mixillo("db", "migrate", "--json")
    assert json.loads(migrated.stdout) == {"applied": pending}
    assert migrated.stderr == "".join(f"Applied {name}\n" for name in pending)
    assert "applied" in mixillo("db", "status").stdout
    assert "Nothing to do" in mixillo("db", "migrate").stdout
    refused = mixillo("db", "rollback", input="n\n")
    assert refused.exit_code == 1
    assert "Aborted!" in refused.stderr
    assert mixillo("db", "rollback", "--yes").stdout == f"Took back {pending[-1]}\n"
    assert mixillo("db", "rollback", "--steps", "0", "--yes").exit_code == 2
    assert json.loads(mixillo("db", "rollback", "--steps", "99", "--yes", "--json").stdout) == {
        "reverted": pending[-2::-1]
    }
    assert "Nothing to do" in mixillo("db", "rollback", "--yes").stdout


def test_figures_by_command(mixillo: Mixillo, database: Database) -> None:
    database["orders"].insert_many([{"total": number} for number in range(1200)])
    database.create_collection("empty")
    told = json.loads(mixillo("db", "stats", "--json").stdout)
    assert (told["database"], told["collections"], told["documents"]) == (database.name, 2, 1200)
    assert told["top"][0]["name"] == "orders"
    table = mixillo("db", "stats", "--all").stdout
    assert "2 collections, 1,200 documents" in table
    assert "empty" in table


def test_a_dataset_goes_into_an_empty_database_and_into_no_other(mixillo: Mixillo, database: Database) -> None:
    loaded = mixillo("data", "load", "report", "--json")
    told = json.loads(loaded.stdout)
    assert (told["dataset"], told["collections"], told["documents"]) == ("report", 107, 1193)
    assert '"collections": 107, "documents": 1193' in mixillo("db", "stats", "--json").stdout
    again = mixillo("data", "load", "report")
    assert again.exit_code == 1
    assert "already holds documents" in again.stderr
    assert mixillo("data", "load", "huge").exit_code == 2
