"""`mixillo operator …`: the people who may sign in to the dashboard."""

import sys
from typing import Any

import click
from flask import current_app
from rich.console import Console
from rich.table import Table

from mixillo.blueprints.dashboard.services import operators
from mixillo.blueprints.dashboard.services.operators import ROLES, Operator
from mixillo.core import audit_log, db
from mixillo.ops.commands import in_application, json_option, print_json

COMMAND = {"kind": "command", "name": "mixillo operator"}


@click.group()
def operator() -> None:
    """Manage who may sign in to the dashboard."""


@operator.command()
@click.option("--username", required=True, help="The name to sign in with.")
@click.option("--email", required=True, help="The e-mail address.")
@click.option("--full-name", required=True, help="The name that is shown.")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What the operator may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input instead of asking.")
@json_option
@in_application
def create(password_stdin: bool, as_json: bool, **person: Any) -> None:
    """Add an operator; the password is asked for, so that it stands in no history.

    \b
    Examples:
      mixillo operator create --username bilal --email bilal@example.com --full-name "Bilal Aziz" --role admin
      printf %s "$PASSWORD" | mixillo operator create --username bilal --email bilal@example.com \\
        --full-name "Bilal Aziz" --password-stdin --json
    """
    created = operators.create(db.ops_database(), password=_password(password_stdin), **person)
    changes = {"after": {"username": created.username, "role": created.role}}
    audit_log.record("operator.created", actor=COMMAND, target="operators", target_id=created.id, changes=changes)
    if as_json:
        print_json(created.as_dict())
    else:
        click.echo(f"{created.username} may sign in as {created.role}.")


@operator.command("setup-link")
@in_application
def setup_link() -> None:
    """Print a link that creates the first operator; it works once, for 24 hours.

    \b
    Example:
      mixillo operator setup-link
    """
    link = operators.setup_link(db.ops_database(), current_app.config["SETTINGS"])
    if link is None:
        raise click.ClickException("There is an operator already; an admin adds others with `mixillo operator create`.")
    audit_log.record("operator.setup_link_created", actor=COMMAND)
    click.echo(link)


@operator.command("list")
@json_option
@in_application
def list_operators(as_json: bool) -> None:
    """List the operators.

    \b
    Examples:
      mixillo operator list
      mixillo operator list --json | jq '.[].username'
    """
    found = operators.everybody(db.ops_database())
    if as_json:
        print_json([entry.as_dict() for entry in found])
    else:
        Console().print(_table(found))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer


def _table(found: list[Operator]) -> Table:
    table = Table("Username", "Full name", "Email", "Role", "Last sign-in (UTC)")
    for entry in found:
        seen = f"{entry.last_sign_in_at:%Y-%m-%d %H:%M}" if entry.last_sign_in_at else "never"
        role = f"{entry.role}, disabled" if entry.disabled_at else entry.role
        table.add_row(entry.username, entry.full_name, entry.email, role, seen)
    return table
