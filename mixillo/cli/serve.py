"""`mixillo serve`: everything with one command."""

import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import NoReturn

import click

from mixillo.cli.data import load, remove_unfinished
from mixillo.cli.db import waiting
from mixillo.config import Settings
from mixillo.ops import migrations
from mixillo.ops.commands import Databases, Surroundings, connected
from mixillo.ops.connection import place
from mixillo.ops.database import statistics
from mixillo.ops.datadir import DataDir
from mixillo.ops.datasets import DATASETS, Account, is_empty
from mixillo.ops.mongod import Mongod
from mixillo.ops.serve import WebServer, interrupted_by_signals, serving, watch
from mixillo.ops.serve.logfile import LogFile
from mixillo.version import VERSION

NONE, DEFAULT_DATASET = "none", "report"
LABEL_WIDTH = 12


@click.command()
@click.option(
    "--dataset",
    type=click.Choice([*DATASETS, NONE]),
    help="What to load into an empty database.  [default: report into the embedded one, none into MONGODB_URI]",
)
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on.  [default: PORT, else 5000]")
@click.option(
    "--log",
    type=click.Choice(["file", "-"]),
    default="file",
    help="Where the log goes: to server.log in the data directory, or to the terminal.  [default: file]",
)
@click.pass_obj
def serve(surroundings: Surroundings, dataset: str | None, port: int | None, log: str) -> None:
    """Start the server, and with it a database unless MONGODB_URI names one; Ctrl-C stops both.

    The first start applies the migrations, loads a dataset into the empty embedded database and prints a link that
    creates the first operator of the dashboard. Later starts find everything again. A database that you brought is
    never filled without being asked.

    \b
    Examples:
      mixillo serve
      mixillo serve --port 8000 --log -
      MIXILLO_DATA_DIR=.demo mixillo serve --dataset demo
      MONGODB_URI=mongodb://localhost/mixillo?replicaSet=rs0 mixillo serve
    """
    settings = replace(surroundings.settings, port=port or surroundings.settings.port)
    wanted = dataset or (NONE if settings.mongodb_uri else DEFAULT_DATASET)
    try:
        with interrupted_by_signals(), ExitStack() as stack:
            _serve(stack, surroundings, settings, wanted, asked=dataset is not None, to_terminal=log == "-")
    except KeyboardInterrupt:
        _say("Stopped.")


def _serve(
    stack: ExitStack, surroundings: Surroundings, settings: Settings, dataset: str, *, asked: bool, to_terminal: bool
) -> NoReturn:
    complete, mongod = stack.enter_context(serving(settings))
    data = DataDir(settings.data_dir)
    with connected(complete) as reached:
        accounts = _prepare(reached, dataset, asked=asked)
        server = WebServer(complete, data)
        stack.callback(server.stop)
        log = sys.stderr if to_terminal else stack.enter_context(LogFile(data.server_log, _say))
        server.start(log.fileno())
        link = surroundings.setup_link(reached.ops, complete)  # while the server is starting
        server.wait_until_healthy()
        _announce(reached, mongod, data, accounts, link, to_terminal=to_terminal)
    try:
        watch(server, mongod, _say)
    except KeyboardInterrupt:
        _say("\nStopping …")
        raise


def _prepare(reached: Databases, dataset: str, *, asked: bool) -> tuple[Account, ...]:
    """Migrate, and fill the database when it is empty; return who may sign in to what was loaded."""
    migrations.upgrade(reached.database, reached.ops, on_wait=waiting, on_applied=lambda name: _say(f"Applied {name}"))
    remove_unfinished(reached)
    if dataset == NONE:
        return ()
    if is_empty(reached.database):
        return load(reached, dataset).accounts
    if asked:
        _say(f"The database holds documents already, so {dataset} was not loaded; a fresh MIXILLO_DATA_DIR takes it.")
    return ()


def _announce(
    reached: Databases,
    mongod: Mongod | None,
    data: DataDir,
    accounts: tuple[Account, ...],
    link: str | None,
    *,
    to_terminal: bool,
) -> None:
    """Print where everything is."""
    url = reached.settings.base_url
    found = statistics(reached.database)
    where = f"embedded on 127.0.0.1:{mongod.port}" if mongod else place(reached.settings.mongodb_uri)
    lines = [
        ("API", f"{url}/api"),
        ("Try it", f"{url}/api/docs"),
        ("Dashboard", f"{url}/ops"),
        ("Database", f"{found.name}, MongoDB {found.server_version}, {where}"),
        ("", f"{len(found.collections)} collections, {found.documents:,} documents"),
        ("Data", str(data.path)),
        ("Log", "this terminal" if to_terminal else str(data.server_log)),
    ]
    click.echo(click.style(f"\n  Mixillo {VERSION} is running\n", bold=True))
    for label, value in lines:
        click.echo(f"  {click.style(label.ljust(LABEL_WIDTH), dim=True)}{value}")
    if accounts:
        click.echo(f"\n  {click.style('Accounts of the dataset, shown this once', bold=True)}")
        for account in accounts:
            click.echo(f"  {account.role.ljust(LABEL_WIDTH)}{account.email}  {account.password}")
    if link:
        click.echo(f"\n  {click.style('Become the first operator of the dashboard, once, within 24 hours', bold=True)}")
        click.echo(f"  {click.style(link, fg='green')}")
    click.echo("\n  Ctrl-C stops everything.\n")


def _say(text: str) -> None:
    click.echo(text, err=True)
