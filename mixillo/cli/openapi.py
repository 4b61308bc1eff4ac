"""`mixillo openapi`: the API's description, without a server and without a database."""

from dataclasses import replace
from pathlib import Path

import click

from mixillo.core import json
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
    # Nothing is asked of the database, but the client wants an address.
    surroundings.create_app(replace(settings, worker="gthread", mongodb_uri=settings.mongodb_uri or NOWHERE))
    document = json.dumps(api.spec.to_dict())
    if output:
        output.write_bytes(document + b"\n")
    else:
        click.echo(document)
