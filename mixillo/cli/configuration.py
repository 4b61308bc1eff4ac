"""`mixillo config`: every setting, where it comes from, and never a secret."""

import os
from collections.abc import Mapping
from dataclasses import Field
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from mixillo.config import ConfigError, Settings, declarations
from mixillo.ops.commands import json_option, print_json


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
    rows = [_row(declared, os.environ) for declared in declarations()]
    problems = _problems()
    if as_json:
        print_json({"settings": rows, "problems": problems})
    else:
        Console().print(_table(rows))
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


def _row(declared: Field[Any], environ: Mapping[str, str]) -> dict[str, Any]:
    name, is_secret = declared.metadata["name"], declared.metadata["secret"]
    text = environ.get(name, "").strip()
    value = text or _text(declared.default)
    return {
        "name": name,
        "present": bool(text),
        "source": "environment" if text else "default",
        "secret": is_secret,
        "value": None if is_secret else value,
        "meaning": declared.metadata["meaning"],
    }


def _text(default: Any) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return ",".join(default) if isinstance(default, tuple) else str(default)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("Setting", "Value", "From")
    for row in rows:
        hidden = "set" if row["present"] else "not set"
        table.add_row(row["name"], hidden if row["secret"] else row["value"] or "–", row["source"])
    return table
