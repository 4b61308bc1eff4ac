"""`mixillo search rebuild`: all products put into the search anew."""

import time

import click
from flask import current_app
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from mixillo.blueprints.products.models import ON_SALE, Product
from mixillo.blueprints.products.services.search import keeping
from mixillo.blueprints.products.services.search.engine import EngineDown
from mixillo.ops.commands import in_application, json_option, print_json


@click.group()
def search() -> None:
    """The search in products."""


@search.command()
@json_option
@in_application
def rebuild(as_json: bool) -> None:
    """Put all products into the search anew, while it goes on.

    In every engine that there is: MongoDB, and Elasticsearch where ELASTICSEARCH_URL is set. A running service keeps
    the search in step by itself, and builds it where there is none; for a large shop this is quicker, and leaves its
    worker to those who ask.

    \b
    Example:
      mixillo search rebuild --json
    """
    started = time.monotonic()
    counts = {keeper.engine.name: _rebuild(keeper) for keeper in keeping.keepers_of(current_app)}
    seconds = round(time.monotonic() - started, 1)
    count = max(counts.values())
    if as_json:
        print_json({"products": count, "engines": counts, "seconds": seconds})
    else:
        click.echo(f"{count:,} products are in the search ({', '.join(counts)}), after {seconds} s.")


def _rebuild(keeper: keeping.Keeper) -> int:
    """Rebuild one engine, with a bar where somebody watches."""
    # Of scripts and logs nobody watches the error output.
    columns = (TextColumn(keeper.engine.name), BarColumn(), MofNCompleteColumn())
    with Bar(
        *columns, console=Console(stderr=True), transient=True, disable=not Console(stderr=True).is_terminal
    ) as bar:
        task = bar.add_task("", total=Product.collection().count_documents(ON_SALE))
        try:
            return keeper.rebuild(lambda count: bar.advance(task, count), _waiting)
        except EngineDown as error:
            raise click.ClickException(f"{keeper.engine.name} was not rebuilt: {error}.") from None


def _waiting(holder: str) -> None:
    """Say for whom a rebuild is waiting."""
    click.echo(f"Waiting: {holder} is putting products into the search.", err=True)
