"""What every command shares: its surroundings, ``--json``, and failures told in one sentence."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any, TypeVar

import click
from flask import Flask
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from mixillo.config import ConfigError, Settings
from mixillo.core import json as api_json
from mixillo.core.db import database_name
from mixillo.errors import AppError
from mixillo.ops.connection import PATIENCE_MS, DatabaseUnusable, found
from mixillo.ops.datadir import DataDirError
from mixillo.ops.datasets import DatasetError
from mixillo.ops.locks import LockLost
from mixillo.ops.migrations import MigrationError
from mixillo.ops.mongod import MongodError
from mixillo.ops.serve import ServerError

TOLD_IN_ONE_SENTENCE = (
    AppError,
    ConfigError,
    DataDirError,
    DatabaseUnusable,
    DatasetError,
    LockLost,
    MigrationError,
    MongodError,
    OSError,
    PyMongoError,
    ServerError,
)
SHOW_TRACEBACK = "mixillo.show_traceback"
Command = TypeVar("Command", bound=Callable[..., Any])
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


@dataclass(frozen=True)
class Surroundings:
    """What a command works with.

    What belongs to the layers above is handed in from there, so that the commands of a feature need not import it.
    """

    create_app: Callable[[Settings], Flask]
    setup_link: Callable[[Database, Settings], str | None] = lambda _ops, _settings: None

    @cached_property
    def settings(self) -> Settings:
        """The settings as far as the environment gives them; read when a command first needs them.

        :raises ConfigError: they cannot be used.
        """
        return Settings.from_env()


@dataclass(frozen=True)
class Databases:
    """The owner's database, Mixillo's technical one, and the complete settings they were reached with."""

    database: Database
    ops: Database
    settings: Settings


@contextmanager
def databases(settings: Settings) -> Iterator[Databases]:
    """Reach the databases for a command: no time limits, an embedded one started when none runs."""
    with found(settings) as complete, connected(complete) as reached:
        yield reached


@contextmanager
def connected(settings: Settings) -> Iterator[Databases]:
    """Connect to the databases at ``settings.mongodb_uri``."""
    client: MongoClient = MongoClient(
        settings.mongodb_uri, tz_aware=True, appname="mixillo-command", serverSelectionTimeoutMS=PATIENCE_MS
    )
    with client:
        name = database_name(settings.mongodb_uri)
        yield Databases(client[name], client[f"{name}_ops"], settings)


def with_databases(command: Command) -> Command:
    """Call ``command`` with :class:`Databases` as its first argument."""

    @click.pass_obj
    @wraps(command)
    def run(surroundings: Surroundings, *args: Any, **kwargs: Any) -> Any:
        with databases(surroundings.settings) as reached:
            return command(reached, *args, **kwargs)

    return run  # type: ignore[return-value]


def in_application(command: Command) -> Command:
    """Call ``command`` inside an application context, so that every service works as it does in a request.

    Sockets are of the threading kind: nothing is monkey-patched in a command.
    """

    @click.pass_obj
    @wraps(command)
    def run(surroundings: Surroundings, *args: Any, **kwargs: Any) -> Any:
        with found(surroundings.settings) as settings:
            app = surroundings.create_app(replace(settings, worker="gthread", log_level="WARNING"))
            with app.app_context():
                return command(*args, **kwargs)

    return run  # type: ignore[return-value]


def print_json(value: Any) -> None:
    """Print ``value`` on the standard output as JSON with the API's forms of ids and moments."""
    click.echo(json.dumps(json.loads(api_json.dumps(value)), ensure_ascii=False))


class OneSentence(click.Group):
    """A group whose foreseeable failures are one sentence on the standard error stream and exit status 1."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise  # whoever reads the output has seen enough (`| head`): click ends quietly
        except TOLD_IN_ONE_SENTENCE as error:
            if context.meta.get(SHOW_TRACEBACK):
                raise
            raise click.ClickException(sentence(error)) from error


def sentence(error: BaseException) -> str:
    """Return what ``error`` says, in one line."""
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{place}."
    if isinstance(error, PyMongoError):
        return f"The database failed: {str(error).partition(' (configured timeouts')[0].partition(', full error')[0]}."
    return " ".join(str(error).split())
