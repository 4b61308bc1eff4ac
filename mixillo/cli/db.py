"""`mixillo db …`: migrations and figures."""

from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from mixillo.cli.late import LateGroup
from mixillo.ops import migrations
from mixillo.ops.commands import Databases, json_option, print_json, with_databases
from mixillo.ops.database import DatabaseStats, statistics
from mixillo.ops.migrations import Status

TOP = 10


AUDIT = {name: f"mixillo.cli.audit:{name}" for name in ("archive", "audit", "growth", "indexes", "slow", "unarchive")}


@click.group(cls=LateGroup, late=AUDIT)
def db() -> None:
    """Migrate the database and see what it holds."""


@db.command()
@json_option
@with_databases
def migrate(reached: Databases, as_json: bool) -> None:
    """Apply pending migrations, in order.

    Safe to run at any time and by several processes at once: one does the work, the others wait. A run that was
    killed is continued.

    \b
    Examples:
      mixillo db migrate
      MONGODB_URI=mongodb+srv://… mixillo db migrate --json
    """
    applied = migrations.upgrade(reached.database, reached.ops, on_applied=_applied, on_wait=waiting)
    if as_json:
        print_json({"applied": applied})
    elif not applied:
        click.echo("Nothing to do: every migration is applied.")


@db.command()
@json_option
@with_databases
def status(reached: Databases, as_json: bool) -> None:
    """Show which migrations are applied.

    \b
    Examples:
      mixillo db status
      mixillo db status --json | jq '.pending'
    """
    found = migrations.status(reached.database, reached.ops)
    pending = [entry.name for entry in found if entry.state not in (migrations.APPLIED, migrations.UNKNOWN)]
    if as_json:
        print_json({"pending": pending, "migrations": [_status_json(entry) for entry in found]})
    else:
        Console().print(_status_table(found))


@db.command()
@click.option("--steps", type=click.IntRange(1), default=1, show_default=True, help="How many to take back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@with_databases
def rollback(reached: Databases, steps: int, yes: bool, as_json: bool) -> None:
    """Take back the newest migrations; what they added to the data may be lost.

    \b
    Examples:
      mixillo db rollback
      mixillo db rollback --steps 2 --yes
    """
    if not yes:
        click.confirm(f"Take back the newest {steps} of {reached.database.name}?", abort=True, err=True)
    reverted = migrations.rollback(reached.database, reached.ops, steps, on_wait=waiting)
    if as_json:
        print_json({"reverted": reverted})
    else:
        click.echo("\n".join(f"Took back {name}" for name in reverted) or "Nothing to do: none is applied.")


@db.command()
@click.option("--all", "every", is_flag=True, help=f"Every collection, and not the {TOP} largest alone.")
@json_option
@with_databases
def stats(reached: Databases, every: bool, as_json: bool) -> None:
    """Show collections, documents, sizes and indexes.

    \b
    Examples:
      mixillo db stats
      mixillo db stats --json | jq '.documents'
    """
    found = statistics(reached.database)
    count = len(found.collections) if every else TOP
    if as_json:
        print_json(found.as_dict() | {"top": [collection.as_dict() for collection in found.top(count)]})
    else:
        Console().print(_stats_table(found, count))


def waiting(holder: str) -> None:
    """Say for whom a migration is waiting."""
    click.echo(f"Waiting for {holder}, which is migrating …", err=True)


def _applied(name: str) -> None:
    click.echo(f"Applied {name}", err=True)


def _status_json(entry: Status) -> dict[str, Any]:
    values = asdict(entry)
    values["appliedAt"] = values.pop("applied_at")
    return values


def _status_table(found: list[Status]) -> Table:
    table = Table("Migration", "State", "Applied (UTC)", "Seconds", "Version")
    for entry in found:
        state = f"{entry.state}, changed since" if entry.changed else entry.state
        when = f"{entry.applied_at:%Y-%m-%d %H:%M:%S}" if entry.applied_at else "–"
        seconds = f"{entry.seconds:.3f}" if entry.seconds is not None else "–"
        table.add_row(entry.name, f"{state}: {entry.error}" if entry.error else state, when, seconds, entry.version)
    return table


def _stats_table(found: DatabaseStats, count: int) -> Table:
    title = (
        f"{found.name}: {len(found.collections)} collections, {found.documents:,} documents, "
        f"{found.size_bytes / 1024:,.0f} KB (MongoDB {found.server_version})"
    )
    table = Table("Collection", title=title, title_justify="left")
    for heading in ("Documents", "Size (KB)", "Average (B)", "Indexes", "Indexes (KB)"):
        table.add_column(heading, justify="right")
    for entry in found.top(count):
        table.add_row(
            entry.name,
            f"{'~' if entry.estimated else ''}{entry.documents:,}",
            f"{entry.size_bytes / 1024:,.1f}",
            f"{entry.average_bytes:,}",
            str(entry.indexes),
            f"{entry.index_bytes / 1024:,.0f}",
        )
    return table
