"""GET /ops/database, /ops/database.csv and POST below it: what the database holds, and too much or little of."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, request

from mixillo.blueprints.dashboard import working
from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import Measured, measure, once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import collections, holdings, index_health, server
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.blueprints.dashboard.tables import Table
from mixillo.core.db import database as owner_database
from mixillo.core.db import ops_database
from mixillo.errors import NotFound, ServiceUnavailable
from mixillo.ops import auditing

PAGE = "dashboard.database"


@blueprint.get("/database")
@operator_required()
def database() -> str:
    """Show the collections of the owner's database, what the last audit found, and our own collections."""
    ops, parameters = ops_database(), request.args
    return render_page(
        "database",
        cards=("totals", "top", "index_health", "collections", "technical"),
        server=once(server.ask_server),
        statistics=holdings.owners(),
        technical=holdings.ours(),
        table=lambda name, stats: collections.table(name, stats, parameters),
        shares=collections.shares,
        audit_job=working.latest(auditing.KIND),
        indexes=once(lambda: index_health.health(ops, parameters)),
        index_table=lambda rows: index_health.table(rows, parameters),
        index_choices=index_health.CHOICES,
    )


@blueprint.get("/database.csv")
@operator_required()
def database_csv() -> Response:
    """Return one of the tables as the page shows it now, with exact bytes and the time of the figures."""
    name = request.args.get("table", "")
    if name in AUDITED:
        table, at = _answered(measure(AUDITED[name]))
        return table.csv(f"database-{name}", at)
    ours = name == "ops"
    found = (holdings.ours() if ours else holdings.owners())()
    stats = _answered(found)
    return collections.table("ops" if ours else "all", stats, request.args).csv(stats.name, found.at)


@blueprint.post("/database/audit")
@operator_required("operator")
@action("database.audit", page=PAGE)
def audit_database() -> str:
    """Judge indexes, explain slow queries and sample sizes in the background; nothing of the data is changed."""
    working.start(auditing.KIND, auditing.audit(owner_database(), ops_database()))
    return "The audit has begun."


def _indexes() -> tuple[Table, datetime]:
    found = index_health.health(ops_database(), request.args)
    if found is None:
        raise NotFound("The indexes have not been judged yet.")
    return index_health.table(found.shown, request.args), found.at


# Each with the time of its figures, which is that of the audit.
AUDITED: dict[str, Callable[[], tuple[Table, datetime]]] = {"indexes": _indexes}


def _answered(found: Measured) -> Any:
    if found.problem:
        raise ServiceUnavailable(f"{found.problem}.")
    return found.value
