"""`mixillo alerts …`: evaluate the rules, see what fires, silence, and try the addresses."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import click
from pymongo.errors import ConnectionFailure
from rich.console import Console
from rich.table import Table

from mixillo.core import clock
from mixillo.ops import alerts
from mixillo.ops.alerts import in_words
from mixillo.ops.commands import Databases, Surroundings, databases, json_option, print_json, with_databases
from mixillo.ops.connection import DatabaseUnusable
from mixillo.ops.mongod import MongodError

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
ACTOR = {"kind": "command", "name": "mixillo alerts"}


class Length(click.ParamType):
    """A length of time such as ``30m``, ``2h`` or ``1d``."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Parse ``value``."""
        found = re.fullmatch(r"(\d{1,6})([mhd])", str(value))
        if not found:
            self.fail(f"{value!r} is no length of time such as 30m, 2h or 1d.", param, ctx)
        return timedelta(**{UNITS[found[2]]: int(found[1])})


@click.group("alerts")
def alerts_group() -> None:
    """See what is wrong, and be told of it."""


@alerts_group.command()
@json_option
@click.pass_obj
def check(surroundings: Surroundings, as_json: bool) -> None:
    """Evaluate every rule and send what is due; for a scheduled job.

    The exit status is 1 when something fires that nobody has silenced, or when the database cannot be reached,
    which is told directly.

    \b
    Examples:
      mixillo alerts check
      mixillo alerts check --json | jq '.firing'
    """
    try:
        with databases(surroundings.settings) as reached:
            _check(reached, as_json)
    except (DatabaseUnusable, MongodError, ConnectionFailure):
        alerts.tell_from_outside(surroundings.settings)
        raise


@alerts_group.command("list")
@json_option
@with_databases
def list_command(reached: Databases, as_json: bool) -> None:
    """Show every rule and where it stands, as of the last evaluation.

    \b
    Examples:
      mixillo alerts list
      mixillo alerts list --json | jq '.alerts[] | select(.state == "firing")'
    """
    rows = alerts.overview(reached.ops)
    if as_json:
        print_json({"alerts": rows})
    else:
        Console().print(_table(rows))


@alerts_group.command()
@click.argument("rule")
@click.option("--for", "length", type=Length(), required=True, help="For how long: 30m, 2h, 1d.")
@click.option("--reason", required=True, help="Why; it is shown beside the rule.")
@json_option
@with_databases
def silence(reached: Databases, rule: str, length: timedelta, reason: str, as_json: bool) -> None:
    """Tell nobody of a rule for a while; it is still evaluated.

    \b
    Examples:
      mixillo alerts silence latency-feed --for 2h --reason "migration of the feed"
    """
    until = alerts.silence(reached.ops, rule, length=length, actor=ACTOR, reason=reason)
    if as_json:
        print_json({"rule": rule, "until": until})
    else:
        click.echo(f"{rule} is silent until {clock.timestamp(until)}.")


@alerts_group.command()
@click.argument("rule")
@json_option
@with_databases
def unsilence(reached: Databases, rule: str, as_json: bool) -> None:
    """End a silence before its time.

    \b
    Example:
      mixillo alerts unsilence latency-feed
    """
    alerts.unsilence(reached.ops, rule, actor=ACTOR)
    if as_json:
        print_json({"rule": rule})
    else:
        click.echo(f"{rule} is no longer silent.")


@alerts_group.command()
@json_option
@with_databases
def test(reached: Databases, as_json: bool) -> None:
    """Send a test to every address in ALERT_URLS; the exit status is 1 when one does not take it.

    \b
    Example:
      ALERT_URLS=json://localhost:8080/hook mixillo alerts test
    """
    done = _chosen(alerts.test(reached.ops, reached.settings), "target", "state", "error")
    if as_json:
        print_json({"deliveries": done})
    else:
        for entry in done:
            click.echo(f"{entry['target']}: {entry['state']} {entry['error'] or ''}".strip())
    if any(entry["error"] for entry in done):
        raise SystemExit(1)


def _check(reached: Databases, as_json: bool) -> None:
    outcome = alerts.evaluate(reached.ops, reached.settings)
    firing = [alert.rule_id for alert in outcome.firing]
    sent = _chosen(outcome.deliveries, "rule", "kind", "target", "state", "error")
    if as_json:
        rows = alerts.overview(reached.ops)
        print_json({"firing": firing, "changed": list(outcome.changed), "deliveries": sent, "alerts": rows})
    else:
        Console().print(_table(alerts.overview(reached.ops)))
        for entry in sent:
            click.echo(f"{entry['rule']} → {entry['target']}: {entry['state']} {entry['error'] or ''}".strip())
    if firing:
        raise SystemExit(1)


def _chosen(entries: Iterable[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: entry[name] for name in names} for entry in entries]


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("Rule", "State", "Value", "Limit", "Sample", "Detail")
    for row in rows:
        table.add_row(
            row["rule"],
            row["state"],
            in_words(row["value"], row["unit"]),
            in_words(row["threshold"], row["unit"]),
            f"{row['sample']} of {row['minimumSample']}",
            row["detail"],
        )
    return table
