"""`mixillo uptime …`: how long the service was up, and announced maintenance."""

from datetime import UTC, datetime

import click
from bson import ObjectId
from rich.console import Console
from rich.table import Table

from mixillo.ops import uptime as reports
from mixillo.ops.commands import Databases, json_option, print_json, with_databases
from mixillo.ops.uptime import Uptime, maintenance

SHOWN = ("24h", "7d", "30d")
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]


@click.group()
def uptime() -> None:
    """See how long the service was up, and announce maintenance."""


@uptime.command()
@json_option
@with_databases
def show(reached: Databases, as_json: bool) -> None:
    """Show the uptime of the last day, week and month, and its incidents.

    \b
    Examples:
      mixillo uptime show
      mixillo uptime show --json | jq '."24h".uptime'
    """
    found = {period: reports.uptime(reached.ops, period) for period in SHOWN}
    if as_json:
        print_json({period: figures.as_dict() for period, figures in found.items()})
    else:
        Console().print(_table(found))


@uptime.command()
@click.option("--from", "start", type=click.DateTime(FORMATS), required=True, help="UTC, like 2026-01-31T12:00.")
@click.option("--to", "end", type=click.DateTime(FORMATS), required=True, help="UTC.")
@click.option("--reason", required=True)
@json_option
@with_databases
def maintain(reached: Databases, start: datetime, end: datetime, reason: str, as_json: bool) -> None:
    """Announce maintenance: its time counts neither as up nor as down.

    \b
    Example:
      mixillo uptime maintain --from 2026-01-31T12:00 --to 2026-01-31T13:00 --reason "new disks"
    """
    window = maintenance.announce(
        reached.ops, start.replace(tzinfo=UTC), end.replace(tzinfo=UTC), reason, by="command line"
    )
    if as_json:
        print_json({"id": window.id, "start": window.start, "end": window.end, "reason": reason})
    else:
        click.echo(f"Announced; take it back with `mixillo uptime cancel {window.id}`.")


@uptime.command()
@click.argument("window")
@with_databases
def cancel(reached: Databases, window: str) -> None:
    """Take announced maintenance back.

    \b
    Example:
      mixillo uptime cancel 64b7f3a2c9e77a0012ab34cd
    """
    if not ObjectId.is_valid(window) or not maintenance.cancel(reached.ops, ObjectId(window)):
        raise click.ClickException(f"There is no maintenance {window}.")
    click.echo("Taken back.")


def _table(found: dict[str, Uptime]) -> Table:
    table = Table("Last", "Uptime", "Coverage", "Down (min)", "Incidents")
    for period, figures in found.items():
        shares = ("unknown" if share is None else f"{share:.3%}" for share in (figures.share, figures.coverage))
        table.add_row(period, *shares, str(figures.minutes["down"]), str(len(figures.incidents)))
    return table
