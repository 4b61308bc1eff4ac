"""`mixillo gifts recount`: how often each gift was sent, counted anew."""

import click

from mixillo.blueprints.gifts.services import counting
from mixillo.ops.commands import in_application, json_option, print_json


@click.group()
def gifts() -> None:
    """Gifts of the catalogue."""


@gifts.command()
@json_option
@in_application
def recount(as_json: bool) -> None:
    """Count anew how often each gift was sent, by which the popular ones are found.

    A running service counts each gift right after it was booked; a crash in between loses a count. Coins do not depend
    on it: `mixillo money reconcile` looks after those.

    \b
    Example:
      mixillo gifts recount --json
    """
    corrected = counting.recount()
    if as_json:
        print_json({"corrected": corrected})
    else:
        click.echo(f"{corrected:,} gifts had another count.")
