"""`mixillo report`: the stabilization report, measured now."""

from pathlib import Path

import click

from mixillo.cli.working import command_actor
from mixillo.ops import report as reports
from mixillo.ops.commands import Databases, with_databases
from mixillo.ops.metrics import PERIODS
from mixillo.ops.report.building import USUAL_PERIOD
from mixillo.ops.report.rendering import to_json

WRITERS = {"md": reports.to_markdown, "html": reports.to_html, "json": to_json}


@click.command()
@click.option("--format", "form", type=click.Choice(tuple(WRITERS)), default="md", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="The file.  [default: standard output]")
@click.option("--period", type=click.Choice(tuple(PERIODS)), default=USUAL_PERIOD, show_default=True)
@click.option("--freeze", is_flag=True, help="Keep it, so that the dashboard lists it.")
@with_databases
def report(reached: Databases, form: str, output: Path | None, period: str, freeze: bool) -> None:
    """Write the stabilization report: database, endpoints, revisions, uptime, and what to do next.

    Every figure is read from the running system and says over which window and from how many samples. What nobody
    measured says how to: `mixillo integrity scan`, `mixillo probe`.

    \b
    Examples:
      mixillo report > report.md
      mixillo report --format html --output report.html --period 7d
      mixillo report --format json | jq '.sentence'
    """
    built = reports.build(reached.settings, reached.database, reached.ops, period)
    if freeze:
        identity = reports.freeze(reached.ops, built, actor=command_actor())
        click.echo(f"Kept as {identity}.", err=True)
    text = WRITERS[form](built)
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        output.write_text(text, "utf-8")
        click.echo(f"Wrote {output}: {built.sentence}", err=True)
