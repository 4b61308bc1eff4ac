"""`mixillo data …`: datasets to start with."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mixillo.cli.db import waiting
from mixillo.core.db import index_loaded
from mixillo.ops import datasets, migrations, revisions
from mixillo.ops.commands import Databases, json_option, print_json, with_databases
from mixillo.ops.datasets import DATASETS, LoadResult

JOURNAL = "datasets"
# The report came with a deployment history, which is not the owner's data but ours.
REPORT = "report"
# The models declare indexes of their own; they are imported where a dataset is loaded, not with every start.
FEATURES = "mixillo.blueprints"


@click.group()
def data() -> None:
    """Fill an empty database."""


@data.command("load")
@click.argument("name", type=click.Choice(DATASETS))
@json_option
@with_databases
def load_command(reached: Databases, name: str, as_json: bool) -> None:
    """Load a dataset into a database that holds no documents.

    `report` is the database of the stabilization report (107 collections, 1,193 documents), `demo` a lively shop
    with 500 people. A database that holds anything is left alone.

    \b
    Examples:
      mixillo data load report
      MIXILLO_DATA_DIR=.demo mixillo data load demo --json
    """
    migrations.upgrade(reached.database, reached.ops, on_wait=waiting)
    result = load(reached, name)
    if as_json:
        print_json(
            {
                "dataset": result.dataset,
                "collections": result.collections,
                "documents": result.documents,
                "seconds": result.seconds,
                "accounts": [vars(account) for account in result.accounts],
            }
        )
        return
    click.echo(f"Loaded {name}: {result.collections} collections, {result.documents:,} documents.")
    for account in result.accounts:
        click.echo(f"  {account.role:<10} {account.email}  {account.password}")


def load(reached: Databases, name: str) -> LoadResult:
    """Load the dataset ``name`` with a progress bar on the standard error stream."""

    def finish() -> None:
        import_module(FEATURES)
        index_loaded(reached.database)
        if name == REPORT:
            revisions.import_rows(reached.ops, revisions.REPORT_REVISIONS)

    with _progress(name) as told:
        journal = reached.ops[JOURNAL]
        return datasets.load(reached.database, name, progress=told, journal=journal, finish=finish, on_wait=_waiting)


def remove_unfinished(reached: Databases) -> None:
    """Remove what a load that was killed has left, and say so."""
    for name in datasets.remove_unfinished(reached.database, reached.ops[JOURNAL], on_wait=_waiting):
        click.echo(f"Removed what an interrupted load of {name} had left.", err=True)


def _waiting(holder: str) -> None:
    click.echo(f"Waiting for {holder}, which is loading a dataset …", err=True)


@contextmanager
def _progress(name: str) -> Iterator[datasets.loader.Progress]:
    columns = TextColumn("Loading {task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)

        def told(collection: str, done: int, total: int) -> None:
            bar.update(task, description=f"{name}: {collection}", completed=done, total=total)

        yield told
