"""`mixillo backup …`: make, list, verify, restore and prune backups."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table

from mixillo.ops import backups, jobs
from mixillo.ops.backups import Entry, Policy, Progress, Restored, recorded
from mixillo.ops.commands import Databases, Surroundings, json_option, print_json, with_databases
from mixillo.ops.serve import interrupted_by_signals

PLACE = "a directory, or gs://bucket/prefix"
DEFAULTS = Policy()


@click.group()
def backup() -> None:
    """Make backups, prove that they restore, and restore them."""


@backup.command()
@click.option("--to", "place", metavar="PLACE", help=f"Where to keep it: {PLACE}.  [default: MIXILLO_BACKUPS]")
@json_option
@with_databases
def create(reached: Databases, place: str | None, as_json: bool) -> None:
    """Back up both databases as of one moment, while they are being written.

    The result is a folder named by the time in UTC, in mongodump's layout, with a manifest that is written last.
    What is cut off half-way has none and is never taken for a backup.

    \b
    Examples:
      mixillo backup create
      mixillo backup create --to gs://mixillo-backups/production --json
    """
    storage = backups.open_storage(place or reached.settings.backups)
    work = recorded.creation(reached.database, reached.ops, storage)
    result = _run(reached, recorded.CREATE, work, {"to": storage.location})
    if as_json:
        print_json(result)
    else:
        click.echo(
            f"Backed up {result['documents']:,} documents of {result['collections']} collections to "
            f"{result['location']} ({result['sizeBytes'] / 1024:,.0f} KB, {result['seconds']} s)."
        )
        for note in result["notes"]:
            click.echo(note)


@backup.command("list")
@click.option("--in", "place", metavar="PLACE", help=f"Where they are kept: {PLACE}.  [default: MIXILLO_BACKUPS]")
@json_option
@click.pass_obj
def list_command(surroundings: Surroundings, place: str | None, as_json: bool) -> None:
    """Show what is kept, the newest first, partial and damaged ones included.

    \b
    Examples:
      mixillo backup list
      mixillo backup list --in gs://mixillo-backups/production --json | jq '.backups[0].verified'
    """
    entries = backups.catalogue(backups.open_storage(place or surroundings.settings.backups))
    if as_json:
        print_json({"backups": [entry.as_dict() for entry in entries]})
    else:
        Console().print(_table(entries))


@backup.command()
@click.argument("location", required=False)
@json_option
@with_databases
def verify(reached: Databases, location: str | None, as_json: bool) -> None:
    """Restore a backup into a scratch database, compare, and record what came of it.

    LOCATION is a backup, or a place of backups (MIXILLO_BACKUPS, if none is named): then the newest one is verified.
    The scratch database is on the same server and is always removed. The exit status is 1 when the backup is not good.

    \b
    Examples:
      mixillo backup verify
      mixillo backup verify gs://mixillo-backups/production/20260131T020000Z --json
    """
    found = backups.find(location or reached.settings.backups)
    work = recorded.verification(reached.database, reached.ops, found)
    outcome = _run(reached, recorded.VERIFY, work, {"backup": found.location})
    if as_json:
        print_json(outcome)
    elif outcome["ok"]:
        click.echo(
            f"{found.location} is good: {outcome['documents']:,} documents and {outcome['indexes']} indexes came "
            f"out as they went in ({outcome['seconds']} s)."
        )
    else:
        click.echo(f"Not good: {outcome['error']}", err=True)
    if not outcome["ok"]:
        raise SystemExit(1)


@backup.command()
@click.argument("location")
@click.option("--into", metavar="NAME", help="The database to restore into.  [default: the one in use]")
@click.option("--drop", is_flag=True, help="Replace what the database holds.")
@click.option("--yes", is_flag=True, help="Do not ask for the database's name when --drop is given.")
@json_option
@with_databases
def restore(reached: Databases, location: str, into: str | None, drop: bool, yes: bool, as_json: bool) -> None:
    """Put the database into the state of a backup; stop the server first.

    LOCATION is a backup, or a place of backups: then the newest one is restored. Without --drop the database must
    be empty. Everything is loaded and compared first and takes its place at the end, so a restore that fails leaves
    the database as it was. Everybody has to sign in again.

    \b
    Examples:
      mixillo backup restore /var/backups/mixillo --into mixillo_copy
      mixillo backup restore gs://mixillo-backups/production/20260131T020000Z --drop
    """
    name = into or reached.database.name
    client = reached.database.client
    found = backups.find(location)
    if drop and not yes:
        _confirm(name, found.location)

    def work(report: Progress) -> dict[str, Any]:
        done = backups.restore(found, client[name], client[f"{name}_ops"], drop=drop, progress=report)
        return _restored(done)

    result = _run(reached, "restore", work, {"backup": found.location, "into": name, "drop": drop})
    if as_json:
        print_json(result)
    else:
        click.echo(
            f"Restored {result['documents']:,} documents of {result['collections']} collections from "
            f"{result['location']} into {name} and {name}_ops ({result['seconds']} s)."
        )


@backup.command()
@click.option("--in", "place", metavar="PLACE", help=f"Where they are kept: {PLACE}.  [default: MIXILLO_BACKUPS]")
@click.option("--keep-daily", type=click.IntRange(0), default=DEFAULTS.daily, show_default=True)
@click.option("--keep-weekly", type=click.IntRange(0), default=DEFAULTS.weekly, show_default=True)
@click.option("--keep-monthly", type=click.IntRange(0), default=DEFAULTS.monthly, show_default=True)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@json_option
@with_databases
def prune(
    reached: Databases,
    place: str | None,
    keep_daily: int,
    keep_weekly: int,
    keep_monthly: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove old backups: the newest of each of the last days, weeks and months with one is kept.

    The newest and the last verified backup always stay; so do damaged ones, to be looked at. Partial ones go after
    a day.

    \b
    Examples:
      mixillo backup prune --dry-run
      mixillo backup prune --in gs://mixillo-backups/production --keep-daily 14
    """
    storage = backups.open_storage(place or reached.settings.backups)
    policy = Policy(keep_daily, keep_weekly, keep_monthly)
    pruned = backups.prune(storage, policy, ops=reached.ops, dry_run=dry_run)
    kept, removed = ([entry.name for entry in entries] for entries in (pruned.kept, pruned.removed))
    if as_json:
        print_json({"dryRun": dry_run, "kept": kept, "removed": removed})
        return
    for name in removed:
        click.echo(f"{'Would remove' if dry_run else 'Removed'} {name}")
    click.echo(f"{len(kept)} kept, {len(removed)} {'would be removed' if dry_run else 'removed'}.")


def _run(
    reached: Databases, kind: str, work: Callable[[Progress], dict[str, Any]], parameters: dict[str, Any]
) -> dict[str, Any]:
    """Do the work as a job, with a progress bar on the standard error stream; SIGTERM leaves it tidy."""
    actor = {"kind": "command", "name": f"mixillo {kind}"}
    with interrupted_by_signals(), _bar(kind) as told:
        return jobs.run_inline(reached.ops, kind, work, actor=actor, parameters=parameters, on_progress=told)


@contextmanager
def _bar(title: str) -> Iterator[Progress]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def told(done: int, total: int, what: str) -> None:
            bar.update(task, description=f"{title}: {what}", completed=done, total=total)

        yield told


def _confirm(name: str, location: str) -> None:
    typed = click.prompt(f"Everything in {name} is replaced by {location}. Type the database's name", err=True)
    if typed != name:
        raise click.ClickException("That is not its name; nothing was touched.")


def _restored(done: Restored) -> dict[str, Any]:
    return asdict(done)


def _table(entries: list[Entry]) -> Table:
    table = Table("Backup", "State", "Size (KB)", "Documents", "Verified")
    for entry in entries:
        verified = {None: "never", True: "good", False: "not good"}[entry.verified]
        when = f" {entry.verified_at:%Y-%m-%d %H:%M}" if entry.verified_at else ""
        table.add_row(
            entry.name,
            f"{entry.state}: {entry.error}" if entry.error else entry.state,
            "–" if entry.size_bytes is None else f"{entry.size_bytes / 1024:,.0f}",
            "–" if entry.documents is None else f"{entry.documents:,}",
            "–" if entry.documents is None else verified + when,
        )
    return table
