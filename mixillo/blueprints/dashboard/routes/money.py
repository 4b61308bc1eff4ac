"""GET /ops/money, /ops/money.csv and what is below: the books, wallets, and withdrawals that wait."""

from typing import Any

from bson import ObjectId
from flask import Response, request

from mixillo.blueprints.dashboard import working
from mixillo.blueprints.dashboard.access import current_operator, operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import money as found
from mixillo.blueprints.dashboard.queries import money_tables as tables
from mixillo.blueprints.dashboard.reauthentication import recently_confirmed
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.blueprints.dashboard.tables import Table
from mixillo.blueprints.wallets.queries import withdrawals as shown
from mixillo.blueprints.wallets.services import reconciling, withdrawals
from mixillo.core import money as amounts
from mixillo.core.db import ops_database
from mixillo.errors import NotFound, ServiceUnavailable, ValidationFailed
from mixillo.ops import reconciliations

PAGE = "dashboard.money"
LONGEST_REASON = 200


@blueprint.get("/money")
@operator_required()
def money() -> str:
    """Show the books as they were last compared, what moved today, wallets, and withdrawals that wait."""
    ops, currency = ops_database(), found.currency_of(request.args)
    return render_page(
        "money",
        cards=("money_books", "money_flows", "pending_withdrawals", "wallets", "frozen_wallets"),
        books=once(lambda: reconciliations.latest(ops)),
        job=working.latest(reconciling.KIND),
        flows=once(found.today),
        wallets=once(lambda: found.largest(currency, _search())),
        frozen=once(lambda: found.frozen(currency)),
        waiting=once(found.waiting),
        currency=currency,
        currencies=amounts.CURRENCIES,
        search=_search(),
        reads=found,
        tables=tables,
        in_words=amounts.in_words,
        minor=amounts.minor,
    )


@blueprint.get("/money.csv")
@operator_required()
def money_csv() -> Response:
    """Return one of the tables as the page shows it now."""
    asked = measure(lambda: _table(request.args.get("table", "wallets")))
    if asked.problem:
        raise ServiceUnavailable(f"{asked.problem}.")
    table: Table = asked.value
    return table.csv(f"money-{table.name}", asked.at)


@blueprint.post("/money/reconcile")
@operator_required("operator")
@action("money.reconcile", page=PAGE)
def reconcile_money() -> str:
    """Compare wallets with the ledger in the background; nothing is changed."""
    working.start(reconciling.KIND, reconciling.reconcile())
    return "The comparison has begun."


@blueprint.get("/money/withdrawals/<withdrawal_id>")
@operator_required("admin")
@recently_confirmed
def withdrawal(withdrawal_id: str) -> str:
    """Show where the money of one withdrawal is to go; who looks is in the audit log."""
    held = withdrawals.look(_id(withdrawal_id), actor=current_operator().actor)
    return render_page("withdrawal", cards=("withdrawal",), withdrawal=once(lambda: shown.whole(held)), reads=found)


@blueprint.post("/money/withdrawals/<withdrawal_id>/approve")
@operator_required("admin")
@recently_confirmed
@action("money.approve", page=PAGE)
def approve_withdrawal(withdrawal_id: str) -> str:
    """Let the money of a withdrawal leave its wallet, once its confirmation is typed."""
    which = _confirmed(withdrawal_id, "approve")
    withdrawals.approve(which, actor=current_operator().actor, operation_id=ObjectId())
    return "The withdrawal is approved."


@blueprint.post("/money/withdrawals/<withdrawal_id>/reject")
@operator_required("admin")
@recently_confirmed
@action("money.reject", page=PAGE)
def reject_withdrawal(withdrawal_id: str) -> str:
    """Give the money of a withdrawal back to its owner, who is told the reason."""
    reason = request.form.get("reason", "").strip()
    if not 0 < len(reason) <= LONGEST_REASON or not reason.isprintable():
        raise ValidationFailed.of("reason", f"say why, in at most {LONGEST_REASON} characters")
    which = _confirmed(withdrawal_id, "reject")
    withdrawals.reject(which, reason, actor=current_operator().actor, operation_id=ObjectId())
    return "The withdrawal is rejected."


def _confirmed(text: str, verb: str) -> ObjectId:
    """Return the id of a withdrawal that what was typed confirms.

    :raises ValidationFailed: something else was typed.
    """
    which = _id(text)
    (view,) = shown.views([withdrawals.find(which)])
    expected = found.confirmation(verb, view)
    if request.form.get("confirmation", "").strip() != expected:
        raise ValidationFailed.of("confirmation", f"type {expected!r}")
    return which


def _id(text: str) -> ObjectId:
    if not ObjectId.is_valid(text):
        raise NotFound(f"There is nothing called {text}.")
    return ObjectId(text)


def _search() -> str:
    return request.args.get("wallets-search", "").strip()


def _table(name: str) -> Table:
    parameters, currency = request.args, found.currency_of(request.args)
    rows: dict[str, Any] = {
        "accounts": lambda: found.accounts(reconciliations.latest(ops_database()) or _nothing()),
        "flows": found.today,
        "withdrawals": lambda: found.waiting()[0],
        "frozen": lambda: found.frozen(currency),
        "wallets": lambda: found.largest(currency, _search()),
    }
    if name not in rows:
        raise NotFound(f"There is no table {name}.")
    table: Table = getattr(tables, name)(rows[name](), parameters)
    return table


def _nothing() -> dict[str, Any]:
    raise NotFound("The books have not been compared yet.")
