"""``mixillo user``: accounts from the command line, the first administrator above all."""

import sys
from typing import Any

import click
from marshmallow import ValidationError

from mixillo.blueprints.users.schemas import NewAccountSchema
from mixillo.blueprints.users.services import accounts
from mixillo.core import audit_log, clock, passwords
from mixillo.core.api import validation_failed
from mixillo.core.security import ROLES
from mixillo.errors import ValidationFailed
from mixillo.ops.commands import in_application, json_option, print_json


@click.group()
def user() -> None:
    """Accounts of people."""


@user.command()
@click.option("--username", required=True, help="3 to 30 letters, digits or underscores.")
@click.option("--email", required=True, help="The e-mail address; it counts as confirmed.")
@click.option("--full-name", required=True, help="The name that is shown.")
@click.option("--role", type=click.Choice(ROLES), default="user", show_default=True, help="What the account may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input instead of asking.")
@json_option
@in_application
def create(username: str, email: str, full_name: str, role: str, password_stdin: bool, as_json: bool) -> None:
    """Create an account; the password is asked for, so that it stands in no history.

    \b
    Examples:
      mixillo user create --username boss --email boss@example.com --full-name "The Boss" --role superadmin
      printf %s "$PASSWORD" | mixillo user create --username boss --email boss@example.com \\
        --full-name "The Boss" --role admin --password-stdin --json
    """
    given = _checked(username=username, email=email, fullName=full_name, role=role)
    password = _password(from_stdin=password_stdin)
    if reason := passwords.weakness(password, username):
        raise ValidationFailed.of("password", reason)
    account = accounts.create(
        username=given["username"],
        email=given["email"],
        full_name=given["fullName"],
        role=given["role"],
        password_hash=passwords.hash_password(password),
        emailVerifiedAt=clock.now(),
    )
    _record(account)
    if as_json:
        print_json({name: account[name] for name in ("_id", "username", "email", "role")})
    else:
        click.echo(f"Created {account['role']} {account['username']} ({account['_id']}).")


def _checked(**given: str) -> dict[str, Any]:
    """Return the options as the API would read them.

    :raises ValidationFailed: naming all that are invalid.
    """
    try:
        checked: dict[str, Any] = NewAccountSchema().load(given)
    except ValidationError as error:
        raise validation_failed(error.normalized_messages()) from None
    return checked


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _record(account: dict[str, Any]) -> None:
    after = {name: account[name] for name in ("username", "role")}
    audit_log.record(
        "user.created",
        actor={"kind": "command", "name": "mixillo user create"},
        target="users",
        target_id=account["_id"],
        changes={"after": after},
    )
