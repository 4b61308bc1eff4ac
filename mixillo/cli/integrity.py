"""`mixillo integrity …`: references that lead nowhere, and what is done about them."""

from typing import Any

import click
from bson import ObjectId
from rich.console import Console
from rich.table import Table

from mixillo.cli.working import Id, command_actor, confirm_by_typing, run_job
from mixillo.core import db
from mixillo.ops.commands import in_application, json_option, print_json
from mixillo.ops.integrity import plan as plans
from mixillo.ops.integrity import recorded, runs
from mixillo.ops.integrity import scan as scans
from mixillo.ops.integrity import undo as undoing

HIDDEN = ("_id", "position")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group()
def integrity() -> None:
    """Find references that lead nowhere, and repair them so that it can be undone."""


@integrity.command()
@json_option
@in_application
def scan(as_json: bool) -> None:
    """Look up every reference; nothing is changed.

    A scan that was interrupted goes on where it stopped. The exit status is 1 when something leads nowhere.

    \b
    Examples:
      mixillo integrity scan
      mixillo integrity scan --json | jq '.references[] | select(.missing > 0)'
    """
    database, ops = db.database(), db.ops_database()
    run_job(ops, runs.SCAN_JOB, recorded.scan(database, ops), actor=command_actor())
    found = scans.latest(ops) or {}
    if as_json:
        print_json(_public(found))
    else:
        _print_scan(found)
    if found["issues"]:
        raise SystemExit(1)


@integrity.command()
@click.option("--action", type=click.Choice(plans.ACTIONS), required=True, help="What to do where there is a choice.")
@click.option("--only", multiple=True, metavar="COLLECTION.PATH", help="Only this reference; may be repeated.")
@json_option
@in_application
def plan(action: str, only: tuple[str, ...], as_json: bool) -> None:
    """List what a repair would change; nothing is changed.

    `delete` removes what belonged to people who are gone, and what hangs on it; `reassign` gives it to the system
    user. Other references follow their own policy. A plan holds for an hour.

    \b
    Examples:
      mixillo integrity plan --action delete
      mixillo integrity plan --action reassign --only contents.userId --json | jq -r '.id'
    """
    database, ops, actor = db.database(), db.ops_database(), command_actor()
    work = recorded.make_plan(database, ops, action, actor=actor, only=only)
    parameters = {"action": action, "only": list(only)}
    result = run_job(ops, runs.CHANGE_JOB, work, actor=actor, parameters=parameters)
    made = plans.find(ops, result["planId"])
    if as_json:
        print_json(_public(made))
    else:
        _print_plan(made)


@integrity.command()
@click.argument("plan_id", type=Id())
@yes_option
@json_option
@in_application
def apply(plan_id: ObjectId, yes: bool, as_json: bool) -> None:
    """Do what a plan lists.

    Each document is looked at again: what has changed since the plan is left alone and said so. Everything is kept
    whole for an undo, for 90 days. A run that was interrupted is continued.

    \b
    Examples:
      mixillo integrity apply 64b7f3a2c9e77a0012ab34cd
      mixillo integrity apply 64b7f3a2c9e77a0012ab34cd --yes --json
    """
    database, ops, actor = db.database(), db.ops_database(), command_actor()
    expected = str(plans.find(ops, plan_id).get("confirmation"))
    if not yes:
        confirm_by_typing(expected, f"This changes {database.name}.")
    work = recorded.apply(database, ops, plan_id, expected, actor=actor)
    result = run_job(ops, runs.CHANGE_JOB, work, actor=actor, parameters={"planId": plan_id})
    run = runs.find(ops, result["runId"])
    if as_json:
        print_json(_public(run))
        return
    click.echo(f"Deleted {run['deleted']:,} and changed {run['changed']:,} documents.")
    _print_left(f"{run['skipped']:,} left alone", run["skippedSamples"])
    click.echo(f"Take it back with `mixillo integrity undo {run['_id']}`.")


@integrity.command()
@click.argument("run_id", type=Id())
@yes_option
@json_option
@in_application
def undo(run_id: ObjectId, yes: bool, as_json: bool) -> None:
    """Bring back what a run deleted or changed, byte for byte, unless it has changed since.

    \b
    Example:
      mixillo integrity undo 64b7f3a2c9e77a0012ab34cd --yes
    """
    database, ops, actor = db.database(), db.ops_database(), command_actor()
    expected = undoing.confirmation_for(runs.find(ops, run_id))
    if not yes:
        confirm_by_typing(expected, f"This changes {database.name}.")
    work = recorded.take_back(database, ops, run_id, expected, actor=actor)
    run_job(ops, runs.CHANGE_JOB, work, actor=actor, parameters={"runId": run_id})
    run = runs.find(ops, run_id)
    if as_json:
        print_json(_public(run))
        return
    click.echo(f"Restored {run['undo']['restored']:,} documents.")
    _print_left(f"{run['undo']['kept']:,} kept as they are", run["undo"]["keptSamples"])


def _public(document: dict[str, Any]) -> dict[str, Any]:
    return {"id": document["_id"]} | {name: value for name, value in document.items() if name not in HIDDEN}


def _print_scan(found: dict[str, Any]) -> None:
    missing = [row for row in found["references"] if row["missing"]]
    if missing:
        table = Table("Reference", "Leads to", "Policy", "Checked", "Missing")
        table.add_column("Samples", overflow="fold", min_width=24)
        for row in missing:
            samples = "\n".join(str(sample["id"]) for sample in row["samples"][:3])
            figures = f"{row['checked']:,}", f"{row['missing']:,}"
            table.add_row(f"{row['collection']}.{row['path']}", row["target"], row["policy"], *figures, samples)
        Console().print(table)
    click.echo(
        f"{found['issues']:,} references lead nowhere: {len(found['references'])} kinds, {found['documents']:,} "
        f"documents, {found['seconds']:.1f} s."
    )


def _print_plan(made: dict[str, Any]) -> None:
    if made["references"]:
        table = Table("Reference", "What is done", "Documents")
        for row in made["references"]:
            what = f"{row['operation']}, with what it hangs on" if row["dependent"] else row["operation"]
            table.add_row(row["reference"], what, f"{row['documents']:,}")
        Console().print(table)
    click.echo(
        f"{made['deleted']:,} documents to delete and {made['changed']:,} to change, "
        f"{made['dependents']:,} of them because they hang on others."
    )
    for row in made["left"]:
        click.echo(f"Only reported: {row['documents']:,} of {row['reference']}.")
    if made["documents"]:
        click.echo(f"Within an hour: `mixillo integrity apply {made['_id']}`.")


def _print_left(title: str, samples: list[dict[str, Any]]) -> None:
    if samples:
        click.echo(f"{title}:")
    for row in samples:
        click.echo(f"  {row['collection']} {row['id']}: {row['reason']}")
