"""`mixillo openapi`: the API's description, without a server and without a database."""

from dataclasses import replace
from pathlib import Path

import click

from mixillo.core import clock, json
from mixillo.extensions import api
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
    settings = surroundings.settings
    # Nothing is asked of the database and nothing is signed, but the application wants all of it.
    complete = replace(
        settings,
        worker="gthread",
        mongodb_uri=settings.mongodb_uri or NOWHERE,
        jwt_secret=settings.jwt_secret or clock.random_token(),
        jwt_refresh_secret=settings.jwt_refresh_secret or clock.random_token(),
    )
    surroundings.create_app(complete)
    document = json.dumps(api.spec.to_dict())
    if output:
        output.write_bytes(document + b"\n")
    else:
        click.echo(document)
