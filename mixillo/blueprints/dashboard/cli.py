"""`mixillo operator …`: the people who may sign in to the dashboard."""

import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from mixillo.blueprints.dashboard.services import operators
from mixillo.blueprints.dashboard.services.operators import ROLES, Operator
from mixillo.config import Settings
from mixillo.core import audit_log, db, json
from mixillo.errors import AppError

COMMAND = {"kind": "command", "name": "mixillo operator"}


@click.group()
def operator() -> None:
    """Manage who may sign in to the dashboard."""


@operator.command()
@click.option("--username", required=True)
@click.option("--email", required=True)
@click.option("--full-name", required=True)
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print the operator as JSON.")
@click.pass_context
def create(context: click.Context, password_stdin: bool, as_json: bool, **person: Any) -> None:
    """Add an operator."""
    _connect(context)
    password = _password(password_stdin)
    try:
        created = operators.create(db.ops_database(), password=password, **person)
    except AppError as error:
        raise click.ClickException(error.detail) from None
    changes = {"after": {"username": created.username, "role": created.role}}
    audit_log.record("operator.created", actor=COMMAND, target="operators", target_id=created.id, changes=changes)
    click.echo(json.dumps(created.as_dict()) if as_json else f"{created.username} may sign in as {created.role}.")


@operator.command("setup-link")
@click.pass_context
def setup_link(context: click.Context) -> None:
    """Print a link that creates the first operator; it works once, for 24 hours."""
    settings = _connect(context)
    link = operators.setup_link(db.ops_database(), settings)
    if link is None:
        raise click.ClickException("There is an operator already; an admin adds others with `mixillo operator create`.")
    audit_log.record("operator.setup_link_created", actor=COMMAND)
    click.echo(link)


@operator.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the operators as JSON.")
@click.pass_context
def list_operators(context: click.Context, as_json: bool) -> None:
    """List the operators."""
    _connect(context)
    found = operators.everybody(db.ops_database())
    if as_json:
        click.echo(json.dumps([entry.as_dict() for entry in found]))
    else:
        Console().print(_table(found))


def _connect(context: click.Context) -> Settings:
    """Bind the database; the settings are those of the command line's context, else of the environment."""
    settings = context.obj if isinstance(context.obj, Settings) else Settings.from_env()
    db.connect(settings.mongodb_uri, timeout_ms=None)
    return settings


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _table(found: list[Operator]) -> Table:
    table = Table("Username", "Full name", "Email", "Role", "Last sign-in (UTC)")
    for entry in found:
        seen = f"{entry.last_sign_in_at:%Y-%m-%d %H:%M}" if entry.last_sign_in_at else "never"
        role = f"{entry.role}, disabled" if entry.disabled_at else entry.role
        table.add_row(entry.username, entry.full_name, entry.email, role, seen)
    return table
