"""`mixillo revisions …`: what has been running, and what a deploy log knows."""

from typing import Any, TextIO

import click
from rich.console import Console
from rich.table import Table

from mixillo.ops.commands import Databases, json_option, print_json, with_databases
from mixillo.ops.comparisons import Comparison, compare
from mixillo.ops.revisions import DeployLogError, import_rows, listing, parse


@click.group()
def revisions() -> None:
    """See what has been running, and import deploy logs."""


@revisions.command("list")
@json_option
@with_databases
def list_revisions(reached: Databases, as_json: bool) -> None:
    """List every revision, the latest first.

    \b
    Examples:
      mixillo revisions list
      mixillo revisions list --json | jq '.revisions[0].changes'
    """
    found = listing(reached.ops)
    if as_json:
        print_json({"revisions": found})
    else:
        Console().print(_table(found))


@revisions.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--year", type=click.IntRange(2000, 2200), help="For dates without one, such as Nov 14.")
@json_option
@with_databases
def import_log(reached: Databases, file: TextIO, year: int | None, as_json: bool) -> None:
    """Import a deploy log: JSON lines, CSV or a Markdown table.

    Each row has revision, date, changes and status. A log with a faulty line is not imported at all. Importing it
    again changes nothing.

    \b
    Examples:
      mixillo revisions import deployments.csv
      mixillo revisions import report.md --year 2025
      gcloud … --format=json | jq -c '…' | mixillo revisions import -
    """
    try:
        rows = parse(file.read(), year=year)
    except DeployLogError as error:
        raise click.ClickException(str(error)) from error
    added = import_rows(reached.ops, rows)
    if as_json:
        print_json({"read": len(rows), "added": added})
    else:
        click.echo(f"Read {len(rows)} deployments, {added} of them new.")


@revisions.command("compare")
@click.argument("revision")
@json_option
@with_databases
def compare_revision(reached: Databases, revision: str, as_json: bool) -> None:
    """Compare a revision with what ran before it, over equal windows.

    \b
    Examples:
      mixillo revisions compare mixillo-backend-00142-fp7
      mixillo revisions compare 0.1.0 --json
    """
    found = compare(reached.ops, revision)
    if found is None:
        raise click.ClickException(f"There is no revision {revision}; `mixillo revisions list` names them.")
    if as_json:
        print_json(found.as_dict())
    else:
        Console().print(_comparison(found))


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table("Revision", "First seen (UTC)", "Last seen (UTC)", "Status")
    table.add_column("Changes", no_wrap=True, overflow="ellipsis")
    for entry in found:
        first, last = (f"{at:%Y-%m-%d %H:%M}" if at else "–" for at in (entry["firstSeenAt"], entry["lastSeenAt"]))
        changes = (entry["changes"] or "").partition("\n")[0]
        status = entry["status"] or entry["source"]
        table.add_row(entry["revision"], first, last, status, changes.removeprefix("- "))
    return table


def _comparison(found: Comparison) -> Table:
    title = f"{found.revision}, {found.length.total_seconds() / 3600:.1f} h before and after {found.at:%Y-%m-%d %H:%M}"
    table = Table("Figure", "Before", "After", "Samples", "Verdict", title=title, title_justify="left")
    figures = (("Error rate", found.error_rate, 100, "%"), ("p95", found.p95, 1, "ms"))
    for name, change, factor, unit in (*figures, ("Pass rate", found.pass_rate, 100, "%")):
        before, after = ("–" if v is None else f"{v * factor:.2f} {unit}" for v in (change.before, change.after))
        table.add_row(name, before, after, f"{change.before_samples:,} / {change.after_samples:,}", change.verdict)
    return table
