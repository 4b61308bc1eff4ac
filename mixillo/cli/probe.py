"""`mixillo probe`: does every endpoint do what the API's document says?"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.table import Table

from mixillo.blueprints.registry import connect_probes
from mixillo.cli.working import bar, command_actor, run_job
from mixillo.config import Settings
from mixillo.core import db
from mixillo.ops.commands import Databases, Surroundings, databases, json_option, print_json
from mixillo.ops.connection import DatabaseUnusable
from mixillo.ops.datadir import DataDir, DataDirError
from mixillo.ops.mongod import MongodError, running
from mixillo.ops.probes import history, recorded, run
from mixillo.ops.probes.http import BadAddress
from mixillo.ops.probes.model import BLOCKED, FAIL, SKIPPED, STATES
from mixillo.ops.probes.runner import Limits, UnknownModule

LOOPBACK = ("localhost", "127.0.0.1", "::1")
Found = dict[str, Any]


@click.command()
@click.option("--base-url", help="Where the server is.  [default: the one on this machine]")
@click.option("--module", help="Probe this module only, such as auth or users.")
@click.option("--unsafe", is_flag=True, help="Change things even where the server says that it is in production.")
@click.option("--timeout", type=click.FloatRange(0.1, 300), default=10.0, show_default=True, help="Of a request, in s.")
@click.option("--token", envvar="MIXILLO_PROBE_TOKEN", help="A user's access token, in the place of an account.")
@click.option("--admin-token", envvar="MIXILLO_PROBE_ADMIN_TOKEN", help="An administrator's access token.")
@json_option
@click.pass_obj
def probe(
    surroundings: Surroundings,
    base_url: str | None,
    module: str | None,
    unsafe: bool,
    timeout: float,
    token: str | None,
    admin_token: str | None,
    as_json: bool,
) -> None:
    """Ask every endpoint what the API's document promises, in the role of everybody it may meet.

    Cases follow from the document that the server itself serves; a new endpoint is probed without being listed.
    The server on this machine is probed with accounts made in its database and removed afterwards; elsewhere they
    register through the API. In production only reading is tried. The exit status is 1 unless every endpoint that
    could be judged passes.

    \b
    Examples:
      mixillo probe
      mixillo probe --module auth
      mixillo probe --base-url https://api.example.com --json | jq '.rate'
    """
    settings = DataDir(surroundings.settings.data_dir).served(surroundings.settings)
    tokens = {identity: given for identity, given in (("user", token), ("admin", admin_token)) if given}
    options: Found = {"module": module, "unsafe": unsafe, "tokens": tokens, "limits": Limits(request=timeout)}
    address = base_url or f"http://127.0.0.1:{settings.port}"
    connect_probes()  # they say, too, what is talked about over sockets, wherever that is
    with ExitStack() as stack:
        reached = _reach(stack, settings)
        try:
            found = _probe(reached, address, options)
        except (BadAddress, UnknownModule) as error:
            raise click.UsageError(str(error)) from error
    if as_json:
        print_json(found)
    else:
        _print(found)
    if found["rate"] != 100.0:
        raise SystemExit(1)


def _reach(stack: ExitStack, settings: Settings) -> Databases | None:
    """Return the databases if there are any to reach: none is started in order to remember a run."""
    if not (settings.mongodb_uri or running(DataDir(settings.data_dir).path)):
        return None
    try:
        reached = stack.enter_context(databases(settings))
    except (DatabaseUnusable, DataDirError, MongodError) as error:
        click.echo(f"This run is not remembered: {error}", err=True)
        return None
    # Features fund the probe's accounts and clear up after them, which takes their models and services.
    db.connect(reached.settings.mongodb_uri, timeout_ms=None)
    return reached


def _probe(reached: Databases | None, address: str, options: Found) -> Found:
    """Run the probes, as a job where there is a database, and return what they found with all cases.

    :raises BadAddress: ``address`` is of no use.
    :raises UnknownModule: there is no such module.
    """
    if reached is None:
        with bar(recorded.KIND) as told:
            return run(address, progress=told, **options).as_dict()
    own = reached.database if urlsplit(address).hostname in LOOPBACK else None
    work = recorded.job(own, reached.ops, address, **options)
    parameters = {"baseUrl": address, "module": options["module"], "unsafe": options["unsafe"]}
    done = run_job(reached.ops, recorded.KIND, work, actor=command_actor(), parameters=parameters)
    return history.whole(reached.ops, done["runId"])


def _print(found: Found) -> None:
    table = Table("Module", "Passing", "Rate", *(state.capitalize() for state in STATES), box=None, pad_edge=False)
    for row in (*found["modules"], found | {"name": "All"}):
        counts = [str(row["caseTotals"][state]) for state in STATES]
        table.add_row(row["name"], f"{row['passing']}/{row['judged']}", _percent(row["rate"]), *counts)
    Console().print(table)
    _print_cases(found, FAIL, lambda case: f"{case['detail']} {_trace(case)}")
    _print_cases(found, BLOCKED, lambda case: case["detail"])
    skipped = found["caseTotals"][SKIPPED]
    if skipped:
        click.echo(f"\n{skipped} cases that change things were skipped; --unsafe tries them.")
    for note in found["notes"]:
        click.echo(f"\n{note}")
    click.echo(f"\n{found['passing']}/{found['judged']} endpoints pass, {_percent(found['rate'])}")
    click.echo(f"{found['baseUrl']}, revision {found['revision']}, {found['environment']}")


def _print_cases(found: Found, state: str, told: Callable[[Found], str]) -> None:
    """Print each case in ``state`` in a line of its own."""
    lines = [
        f"{endpoint['name']} · {case['name']}: {told(case)}".rstrip()
        for module in found["modules"]
        for endpoint in module["endpoints"]
        for case in endpoint["cases"]
        if case["state"] == state
    ]
    if lines:
        click.echo(f"\n{state.capitalize()}")
    for line in lines:
        click.echo(f"  {line}")


def _trace(case: Found) -> str:
    """Return how to find the request in the server's log."""
    parts = [f"{case['ms']:.0f} ms"] if case["ms"] is not None else []
    parts += [f"request {case['requestId']}"] if case["requestId"] else []
    return f"({', '.join(parts)})" if parts else ""


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.2f} %"
