"""`mixillo search rebuild`: all products put into the search anew."""

import time

import click
from flask import current_app

from mixillo.blueprints.products.services.search import keeping
from mixillo.ops.commands import in_application, json_option, print_json


@click.group()
def search() -> None:
    """The search in products."""


@search.command()
@json_option
@in_application
def rebuild(as_json: bool) -> None:
    """Put all products into the search anew, while it goes on.

    A running service keeps the search in step by itself, and builds it where there is none; for a large shop this is
    quicker, and leaves its worker to those who ask.

    \b
    Example:
      mixillo search rebuild --json
    """
    started = time.monotonic()
    count = keeping.keeper_of(current_app).rebuild()
    seconds = round(time.monotonic() - started, 1)
    if as_json:
        print_json({"products": count, "seconds": seconds})
    else:
        click.echo(f"{count:,} products are in the search, after {seconds} s.")
