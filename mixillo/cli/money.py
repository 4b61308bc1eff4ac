"""`mixillo money …`: whether the books balance."""

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from mixillo.blueprints.wallets.services import opening, reconciling
from mixillo.cli.working import command_actor, run_job
from mixillo.core import audit_log, db, money
from mixillo.ops import reconciliations
from mixillo.ops.commands import in_application, json_option, print_json

SHOWN_DRIFTS = 20


@click.group("money")
def money_group() -> None:
    """Hold wallets against the ledger."""


@money_group.command()
@json_option
@in_application
def reconcile(as_json: bool) -> None:
    """Compare every wallet with the ledger; nothing is changed.

    What users and the house have must add up to nothing in each currency, every wallet must hold what its transfers
    add up to, and its owner's rows must say the same. Amounts are in minor units (cents; coins are whole). The exit
    status is 1 when anything differs.

    \b
    Examples:
      mixillo money reconcile
      mixillo money reconcile --json | jq '.drifts[] | .walletId'
    """
    ops = db.ops_database()
    run_job(ops, reconciling.KIND, reconciling.reconcile(), actor=command_actor())
    found = reconciliations.latest(ops) or {}
    faults = reconciliations.faults(found)
    if as_json:
        print_json({name: value for name, value in found.items() if name != "_id"} | {"faults": faults})
    else:
        _print(found, faults)
    if faults:
        raise SystemExit(1)


@money_group.command("open")
@json_option
@in_application
def open_command(as_json: bool) -> None:
    """Let the balances of an existing system enter the ledger.

    `mixillo db migrate` does so when it first meets the database; this is for wallets that came by another way, a
    partial import for instance. A wallet of which the ledger holds anything is left alone.

    \b
    Examples:
      mixillo money open
      mixillo money open --json
    """
    opened = opening.open_books(db.database(), db.ops_database())
    if opened:
        audit_log.record("money.opened", actor=command_actor(), target="ledger", changes={"after": {"wallets": opened}})
    if as_json:
        print_json({"opened": opened})
    else:
        click.echo(f"{opened:,} balances entered the ledger.")


def _print(found: dict[str, Any], faults: int) -> None:
    accounts = Table("Account", *money.CURRENCIES)
    rows = {"users": found["users"], **found["house"], "together": found["offBalance"]}
    for name, sums in rows.items():
        accounts.add_row(name, *(money.in_words(sums.get(each, 0), each) for each in money.CURRENCIES))
    Console().print(accounts)
    for drift in found["drifts"][:SHOWN_DRIFTS]:
        stored, expected = (money.in_words(drift[name], drift["currency"]) for name in ("stored", "ledger"))
        click.echo(f"{drift['what']} of the wallet {drift['walletId']}: {stored}, the ledger says {expected}.")
    click.echo(
        f"{faults:,} faults: drift in {found['driftCount']:,} sums, {found['negative']:,} wallets below zero; "
        f"{found['wallets']:,} wallets, {found['transfers']:,} transfers, {found['seconds']:.1f} s."
    )
