"""`mixillo config`: every setting, where it comes from, and never a secret."""

import os

import click
from rich.console import Console
from rich.table import Table

from mixillo.config import ConfigError, Settings
from mixillo.ops import configuration
from mixillo.ops.commands import json_option, print_json
from mixillo.ops.configuration import Entry


@click.command()
@json_option
def config(as_json: bool) -> None:
    """Show every setting, its value and where it comes from; of secrets only whether they are set.

    The exit status is 1 when the server would refuse to start with them.

    \b
    Examples:
      mixillo config
      NODE_ENV=production mixillo config --json | jq '.problems'
    """
    entries = configuration.from_environment(os.environ)
    problems = _problems()
    if as_json:
        print_json({"settings": [entry.as_dict() for entry in entries], "problems": problems})
    else:
        Console().print(_table(entries))
        for problem in problems:
            click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)


def _problems() -> list[str]:
    try:
        Settings.from_env()
    except ConfigError as error:
        return error.problems
    return []


def _table(entries: list[Entry]) -> Table:
    table = Table("Setting", "Value", "From")
    for entry in entries:
        hidden = "set" if entry.present else "not set"
        table.add_row(entry.name, hidden if entry.secret else entry.value or "–", entry.source)
    return table
