"""`mixillo payments expire`: for services without traffic, which do so themselves otherwise."""

import click
from flask import current_app

from mixillo.blueprints.payments.services import expiring
from mixillo.blueprints.payments.services.providers import EXTENSION
from mixillo.ops.commands import in_application, json_option, print_json


@click.group()
def payments() -> None:
    """Payments and their provider."""


@payments.command()
@json_option
@in_application
def expire(as_json: bool) -> None:
    """Cancel pending payments whose time is over, here and at their provider.

    A running service does so once a minute; schedule it for one that gets no CPU between requests.

    \b
    Example:
      mixillo payments expire --json
    """
    done = expiring.expire(current_app.extensions[EXTENSION])
    if as_json:
        print_json({"expired": done})
    else:
        click.echo(f"{done:,} payments were not paid in time.")
