"""`mixillo db audit|indexes|slow|growth|archive|unarchive`: what the database holds too much or little of."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from mixillo.cli.working import command_actor, run_job
from mixillo.core import db as core_db
from mixillo.ops import archive as archives
from mixillo.ops import auditing, slow_queries
from mixillo.ops import growth as growing
from mixillo.ops import indexes as indexing
from mixillo.ops.commands import Databases, in_application, json_option, print_json, with_databases
from mixillo.ops.indexes import Verdict
from mixillo.ops.jobs import Report


@click.command()
@json_option
@in_application
def audit(as_json: bool) -> None:
    """Find out what the Database page shows of indexes, slow queries, growth and old events.

    Nothing of the data is changed. Schedule it once a day for a service without traffic; any other does it by itself.

    \b
    Examples:
      mixillo db audit
      mixillo db audit --json | jq '.remarkable'
    """
    database, ops = core_db.database(), core_db.ops_database()
    done = run_job(ops, auditing.KIND, auditing.audit(database, ops), actor=command_actor())
    if as_json:
        print_json(done)
        return
    click.echo(
        f"{done['indexes']:,} indexes judged, {done['remarkable']:,} to look at (mixillo db indexes); "
        f"{done['explained']:,} slow queries explained (mixillo db slow); "
        f"{done['archivable']:,} old events (mixillo db archive --dry-run)."
    )


@click.command()
@click.option("--all", "every", is_flag=True, help="Those to keep as well.")
@click.option("--hide", "hidden", metavar="COLLECTION/NAME", help="Keep the planner from using an index.")
@click.option("--unhide", "shown", metavar="COLLECTION/NAME", help="Let the planner use it again.")
@click.option("--drop", "dropped", metavar="COLLECTION/NAME", help="Drop an index that was hidden for a day.")
@json_option
@in_application
def indexes(every: bool, hidden: str | None, shown: str | None, dropped: str | None, as_json: bool) -> None:
    """Show which indexes are superfluous, unused or missing, each with its reason.

    The server's counters are read and added up, because they begin again with every restart: run this once a day.
    An index is called unused after a week without a query. Hide an index for a day before you drop it.

    \b
    Examples:
      mixillo db indexes
      mixillo db indexes --json | jq '.indexes[] | select(.verdict != "keep")'
      mixillo db indexes --hide contents/userId_1
    """
    database, ops, actor = core_db.database(), core_db.ops_database(), command_actor()
    for change, named in ((indexing.hide, hidden), (indexing.unhide, shown), (indexing.drop, dropped)):
        if named:
            collection, _, name = named.partition("/")
            change(database, ops, collection, name, actor=actor)

    def work(report: Report) -> dict[str, Any]:
        return {"indexes": indexing.sample(database, ops, report)}

    run_job(ops, "indexes.sample", work, actor=actor)
    found = indexing.judge_all(database, ops)
    if as_json:
        print_json({"indexes": [verdict.as_dict() for verdict in found]})
        return
    remarkable = [verdict for verdict in found if every or verdict.verdict != "keep"]
    if remarkable:
        Console().print(_index_table(remarkable))
    kept = sum(verdict.verdict == "keep" for verdict in found)
    click.echo(f"{len(found) - kept} to look at, {kept} to keep.")


@click.command()
@click.option("--explain", "explained", is_flag=True, help="Ask the server how it answers each of them now.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
@with_databases
def slow(reached: Databases, explained: bool, limit: int, as_json: bool) -> None:
    """Show the slow queries by their shape, with the index that would help.

    \b
    Examples:
      mixillo db slow --explain
      mixillo db slow --json | jq '.shapes[0].suggestion'
    """
    shapes = slow_queries.slowest(reached.ops, limit)
    if explained:
        for shape in shapes:
            shape["explained"] = slow_queries.explain(reached.database, reached.ops, shape["_id"])
    if as_json:
        print_json({"shapes": shapes})
    elif shapes:
        Console().print(_slow_table(shapes))
    else:
        click.echo("Nothing was slow.")


@click.command()
@click.option("--days", type=click.IntRange(1, 400), default=30, show_default=True)
@json_option
@with_databases
def growth(reached: Databases, days: int, as_json: bool) -> None:
    """Measure every collection, and show how fast each has grown.

    One sample a day is kept; two are needed to say anything.

    \b
    Examples:
      mixillo db growth
      mixillo db growth --days 7 --json
    """
    growing.take(reached.database, reached.ops)
    rows = growing.growth(reached.ops, days)
    if as_json:
        print_json({"collections": [row.as_dict() for row in rows]})
        return
    grown = [row for row in rows if row.documents_per_day]
    if grown:
        table = Table("Collection", "Documents", "per day", "KB per day")
        for row in grown:
            per_day = f"{row.documents_per_day:+,.1f}", f"{(row.bytes_per_day or 0) / 1024:+,.1f}"
            table.add_row(row.collection, f"{row.documents:,}", *per_day)
        Console().print(table)
    elif growing.total(rows) is None:
        click.echo("Insufficient data: there are no two samples a day apart yet. Run this once a day.")
    else:
        click.echo("Nothing has grown.")


@click.command()
@click.option("--older-than", "days", type=click.IntRange(1), default=archives.DAYS, show_default=True, help="Days.")
@click.option("--collection", "only", multiple=True, type=click.Choice(sorted(archives.EVENTS)), help="Only this one.")
@click.option("--to", "directory", type=click.Path(path_type=Path, file_okay=False), help="Where the files go.")
@click.option("--dry-run", is_flag=True, help="Only say what would be archived.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@in_application
def archive(days: int, only: tuple[str, ...], directory: Path | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Move old events into compressed files.

    The files (BSON, as of mongodump) are written and read again before anything is deleted, and each document is
    deleted only if it is still the same. An interrupted run loses nothing; run it again.

    \b
    Examples:
      mixillo db archive --dry-run
      mixillo db archive --to /var/archive --older-than 180
      mixillo db archive --to /var/archive --collection eventtrackings --yes --json
    """
    database, actor = core_db.database(), command_actor()
    candidates = archives.candidates(database, days, only=only)
    if dry_run or not candidates:
        _print_candidates(candidates, days, as_json)
        return
    if directory is None:
        raise click.UsageError("Say where the files go: --to DIRECTORY.")
    if not yes:
        count = sum(candidate.documents for candidate in candidates)
        click.confirm(f"Move {count:,} documents from {database.name} to {directory}?", abort=True, err=True)
    done = [_archive_one(candidate.collection, directory, days, actor) for candidate in candidates]
    if as_json:
        print_json({"archives": done})
        return
    for each in done:
        click.echo(f"{each['collection']}: {each['deleted']:,} documents moved to {each['manifest']}")
        if each["kept"]:
            click.echo(f"  {each['kept']:,} were changed meanwhile and stay.")


@click.command()
@click.argument("manifest", type=click.Path(path_type=Path, exists=True))
@json_option
@in_application
def unarchive(manifest: Path, as_json: bool) -> None:
    """Bring the documents of an archive back; those that are there stay as they are.

    \b
    Example:
      mixillo db unarchive /var/archive/eventtrackings-20260131T020000000000Z/manifest.json
    """
    database, ops, actor = core_db.database(), core_db.ops_database(), command_actor()

    def work(report: Report) -> dict[str, Any]:
        return archives.unarchive(database, manifest, report, actor=actor)

    done = run_job(ops, "archive", work, actor=actor, parameters={"manifest": str(manifest)})
    if as_json:
        print_json(done)
        return
    click.echo(f"{done['collection']}: {done['restored']:,} restored, {done['present']:,} were there.")
    if done["kept"]:
        click.echo(f"{done['kept']:,} are there otherwise than in the archive and stay as they are.")
    if done["note"]:
        click.echo(done["note"])


def _archive_one(collection: str, directory: Path, days: int, actor: dict[str, Any]) -> dict[str, Any]:
    database, ops = core_db.database(), core_db.ops_database()

    def work(report: Report) -> dict[str, Any]:
        return archives.archive(database, collection, directory, report, actor=actor, days=days)

    parameters = {"collection": collection, "directory": str(directory), "days": days}
    return run_job(ops, "archive", work, actor=actor, parameters=parameters)


def _print_candidates(candidates: list[archives.Candidate], days: int, as_json: bool) -> None:
    if as_json:
        print_json({"olderThanDays": days, "candidates": [candidate.as_dict() for candidate in candidates]})
        return
    if not candidates:
        click.echo(f"There are no events older than {days} days.")
        return
    table = Table("Collection", f"Older than {days} days", "About (KB)", "Oldest")
    for each in candidates:
        table.add_row(
            each.collection, f"{each.documents:,}", f"{each.size_bytes / 1024:,.0f}", f"{each.oldest:%Y-%m-%d}"
        )
    Console().print(table)


def _index_table(found: list[Verdict]) -> Table:
    table = Table("Index", "Keys", "Verdict", "Sure", "Reason")
    for each in found:
        keys = ", ".join(f"{field}: {kind}" for field, kind in each.keys)
        verdict = f"{each.verdict} (hidden)" if each.hidden else each.verdict
        table.add_row(f"{each.collection}/{each.name}", keys, verdict, each.confidence, each.reason)
    return table


def _slow_table(shapes: list[dict[str, Any]]) -> Table:
    table = Table("Query", "Times", "Slowest (ms)", "Index that would serve", "Explained")
    for shape in shapes:
        explained = shape["explained"] or {}
        said = (
            f"{explained['plan']}, {explained['examined']:,} examined"
            if explained.get("plan")
            else explained.get("note")
        )
        suggestion = ", ".join(f"{field}: {direction}" for field, direction in shape["suggestion"])
        table.add_row(shape["shown"], f"{shape['count']:,}", f"{shape['maxMs']:,.0f}", suggestion or "–", said or "–")
    return table
