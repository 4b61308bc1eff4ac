"""`mixillo openapi`, `mixillo events`: what the API is, without a server and without a database."""

from dataclasses import replace
from pathlib import Path

import click
from flask import Flask

from mixillo.core import clock, events
from mixillo.core import openapi as openapi_document
from mixillo.core.realtime import asking
from mixillo.ops.commands import Surroundings

NOWHERE = "mongodb://127.0.0.1/?directConnection=true"


@click.command()
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file instead.")
@click.pass_obj
def openapi(surroundings: Surroundings, output: Path | None) -> None:
    """Print the OpenAPI 3.1 document as JSON.

    \b
    Examples:
      mixillo openapi | jq '.paths | keys'
      mixillo openapi --output openapi.json
    """
    document = openapi_document.document(_create_app(surroundings))
    if output:
        output.write_bytes(document + b"\n")
    else:
        click.echo(document)


@click.command("events")
@click.pass_obj
def list_events(surroundings: Surroundings) -> None:
    """Print the catalogues of live events, of the server and of clients, as tables in Markdown.

    \b
    Examples:
      mixillo events
    """
    _create_app(surroundings)
    click.echo(events.as_markdown())
    click.echo(asking.as_markdown(), nl=False)


def _create_app(surroundings: Surroundings) -> Flask:
    """Load every feature: nothing is asked of the database and nothing is signed, but the application wants both."""
    settings = surroundings.settings
    complete = replace(
        settings,
        worker="gthread",
        mongodb_uri=settings.mongodb_uri or NOWHERE,
        jwt_secret=settings.jwt_secret or clock.random_token(),
        jwt_refresh_secret=settings.jwt_refresh_secret or clock.random_token(),
    )
    return surroundings.create_app(complete)
