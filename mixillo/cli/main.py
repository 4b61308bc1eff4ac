"""The root command and the registry of what is below it."""

import click

from mixillo.cli.late import LateGroup, late
from mixillo.core import logs
from mixillo.ops.commands import SHOW_TRACEBACK, Surroundings
from mixillo.version import VERSION

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
COMMANDS = {
    "alerts": "mixillo.cli.alerts:alerts_group",
    "analytics": "mixillo.cli.analytics:analytics",
    "backup": "mixillo.cli.backup:backup",
    "config": "mixillo.cli.configuration:config",
    "data": "mixillo.cli.data:data",
    "db": "mixillo.cli.db:db",
    "events": "mixillo.cli.openapi:list_events",
    "gifts": "mixillo.blueprints.gifts.cli:gifts",
    "integrity": "mixillo.cli.integrity:integrity",
    "money": "mixillo.cli.money:money_group",
    "openapi": "mixillo.cli.openapi:openapi",
    "operator": "mixillo.blueprints.dashboard.cli:operator",
    "orders": "mixillo.blueprints.orders.cli:orders",
    "payments": "mixillo.blueprints.payments.cli:payments",
    "probe": "mixillo.cli.probe:probe",
    "report": "mixillo.cli.report:report",
    "revisions": "mixillo.cli.revisions:revisions",
    "search": "mixillo.blueprints.products.cli:search",
    "serve": "mixillo.cli.serve:serve",
    "traffic": "mixillo.cli.traffic:traffic",
    "uptime": "mixillo.cli.uptime:uptime",
    "user": "mixillo.blueprints.users.cli:user",
}


@click.group(cls=LateGroup, late=COMMANDS, context_settings=HELP)
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
    context.meta[SHOW_TRACEBACK] = traceback
    context.obj = context.obj or Surroundings(
        create_app=late("mixillo.app:create_app"),
        setup_link=late("mixillo.blueprints.dashboard.services.operators:setup_link"),
    )


@main.command()
def version() -> None:
    """Print the version.

    \b
    Example:
      mixillo version
    """
    click.echo(VERSION)
