"""`mixillo orders expire`: for services without traffic, which do so themselves otherwise."""

import click

from mixillo.blueprints.orders.services import upkeep
from mixillo.ops.commands import in_application, json_option, print_json


@click.group()
def orders() -> None:
    """Orders."""


@orders.command()
@json_option
@in_application
def expire(as_json: bool) -> None:
    """Give up unpaid orders whose time is over, and ask the payment provider for refunds that are due.

    Their goods and coupons are free again. A running service does so once a minute; schedule it for one that gets no
    CPU between requests.

    \b
    Example:
      mixillo orders expire --json
    """
    expired, asked = upkeep.look_after()
    if as_json:
        print_json({"expired": expired, "refundsAsked": asked})
    else:
        click.echo(f"{expired:,} orders were not paid in time; refunds of {asked:,} were asked for.")
