"""GET /ops/database, /ops/database.csv and POST below it: what the database holds, and too much or little of."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, current_app, request

from mixillo.blueprints.dashboard import working
from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import Measured, measure, once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import collections, growing, holdings, index_health, server, slow_shapes
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.blueprints.dashboard.tables import Table
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.db import database as owner_database
from mixillo.core.db import ops_database
from mixillo.errors import NotFound, ServiceUnavailable
from mixillo.ops import auditing
from mixillo.ops.archive import DAYS
from mixillo.ops.slow_queries import ShapeNotFound

PAGE = "dashboard.database"


@blueprint.get("/database")
@operator_required()
def database() -> str:
    """Show the collections of the owner's database, what the last audit found, and our own collections."""
    ops, parameters = ops_database(), request.args
    settings: Settings = current_app.config["SETTINGS"]
    return render_page(
        "database",
        cards=("totals", "top", "index_health", "slow_queries", "growth", "archive", "collections", "technical"),
        server=once(server.ask_server),
        statistics=holdings.owners(),
        technical=holdings.ours(),
        table=lambda name, stats: collections.table(name, stats, parameters),
        shares=collections.shares,
        audit_job=working.latest(auditing.KIND),
        indexes=once(lambda: index_health.health(ops, parameters)),
        index_table=lambda rows: index_health.table(rows, parameters),
        index_choices=index_health.CHOICES,
        shapes=once(lambda: slow_shapes.shapes(ops)),
        shape_table=lambda rows: slow_shapes.table(rows, parameters),
        chosen_shape=lambda rows, job: slow_shapes.chosen(rows, parameters, job),
        explain_job=working.latest(auditing.EXPLAIN_KIND),
        threshold=settings.slow_query_ms,
        grown=once(lambda: growing.grown(ops, parameters)),
        growth_table=lambda rows: growing.growth_table(rows, parameters),
        signed=growing.signed,
        archivable=once(lambda: growing.archivable(ops)),
        archive_table=lambda rows: growing.archive_table(rows, parameters),
        archive_command=lambda rows: growing.command(*(row["collection"] for row in rows)),
        archive_days=DAYS,
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


@blueprint.post("/database/queries/<shape_id>/explain")
@operator_required("operator")
@action("slow_query.explain", page=PAGE)
def explain_query(shape_id: str) -> str:
    """Ask the server in the background how it answers a slow query, and judge the indexes anew."""
    if shape_id not in {row["_id"] for row in slow_shapes.shapes(ops_database())}:
        raise ShapeNotFound("There is no such slow query.")
    work = auditing.explain_one(owner_database(), ops_database(), shape_id)
    working.start(auditing.EXPLAIN_KIND, work, shape=shape_id)
    return "The query is being explained."


def _indexes() -> tuple[Table, datetime]:
    found = index_health.health(ops_database(), request.args)
    if found is None:
        raise NotFound("The indexes have not been judged yet.")
    return index_health.table(found.shown, request.args), found.at


def _slow() -> tuple[Table, datetime]:
    return slow_shapes.table(slow_shapes.shapes(ops_database()), request.args), clock.now()


def _growth() -> tuple[Table, datetime]:
    found = growing.grown(ops_database(), request.args)
    if found is None:
        raise NotFound("No sample has been taken yet.")
    return growing.growth_table(found.shown, request.args), found.at


def _archive() -> tuple[Table, datetime]:
    found = growing.archivable(ops_database())
    if found is None:
        raise NotFound("Nobody has looked for old events yet.")
    return growing.archive_table(found.rows, request.args), found.at


# Each with the time of its figures, which may be that of the audit.
AUDITED: dict[str, Callable[[], tuple[Table, datetime]]] = {
    "indexes": _indexes, "slow": _slow, "growth": _growth, "archive": _archive,
}  # fmt: skip


def _answered(found: Measured) -> Any:
    if found.problem:
        raise ServiceUnavailable(f"{found.problem}.")
    return found.value
