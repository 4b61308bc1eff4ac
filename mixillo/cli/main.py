"""The root command and the registry of what is below it."""

import click

from mixillo.app import create_app
from mixillo.blueprints.dashboard.cli import operator
from mixillo.blueprints.users.cli import user
from mixillo.cli.alerts import alerts_group
from mixillo.cli.audit import archive, growth, indexes, slow, unarchive
from mixillo.cli.backup import backup
from mixillo.cli.configuration import config
from mixillo.cli.data import data
from mixillo.cli.db import db
from mixillo.cli.integrity import integrity
from mixillo.cli.openapi import openapi
from mixillo.cli.probe import probe
from mixillo.cli.report import report
from mixillo.cli.revisions import revisions
from mixillo.cli.serve import serve
from mixillo.cli.traffic import traffic
from mixillo.cli.uptime import uptime
from mixillo.core import logs
from mixillo.ops.commands import SHOW_TRACEBACK, OneSentence, Surroundings
from mixillo.version import VERSION

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=OneSentence, context_settings=HELP)
@click.version_option(VERSION, prog_name="mixillo", message="%(prog)s %(version)s")
@click.option("--traceback", is_flag=True, help="Show where a failure happened, for developers.")
@click.pass_context
def main(context: click.Context, traceback: bool) -> None:
    """A social-commerce backend with its own operations dashboard.

    Settings come from the environment; `mixillo config` lists them. Commands find the database by themselves:
    MONGODB_URI, else the embedded one in MIXILLO_DATA_DIR, which is started for as long as it is needed.

    \b
    Examples:
      mixillo serve
      mixillo db stats --json
      MIXILLO_DATA_DIR=.demo mixillo serve --dataset demo
    """
    logs.configure("WARNING")  # to the standard error stream: the output may be JSON for a script
    context.obj = context.obj or Surroundings(create_app)
    context.meta[SHOW_TRACEBACK] = traceback


@main.command()
def version() -> None:
    """Print the version.

    \b
    Example:
      mixillo version
    """
    click.echo(VERSION)


for command in (
    serve,
    db,
    data,
    integrity,
    backup,
    alerts_group,
    revisions,
    uptime,
    traffic,
    operator,
    user,
    openapi,
    probe,
    report,
    config,
):
    main.add_command(command)

for command in (indexes, slow, growth, archive, unarchive):
    db.add_command(command)
