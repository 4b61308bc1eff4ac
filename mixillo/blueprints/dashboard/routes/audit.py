"""GET /ops/audit, /ops/audit.csv, /ops/jobs.csv: who did what with which result, and the long work."""

from flask import Response, request

from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.queries import audit as found
from mixillo.blueprints.dashboard.queries import audit_tables as tables
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.blueprints.dashboard.services import operators
from mixillo.blueprints.dashboard.tables import Table
from mixillo.core.db import ops_database
from mixillo.errors import ServiceUnavailable
from mixillo.ops import jobs

EXPORTED_JOBS = 1_000


@blueprint.get("/audit")
@operator_required()
def audit() -> str:
    """Show the newest jobs, and the audit log as the URL filters it."""
    ops, wanted = ops_database(), found.Filter.of(request.args)
    return render_page(
        "audit",
        cards=("jobs", "audit_log"),
        jobs=once(lambda: jobs.recent(ops)),
        tables=tables,
        wanted=wanted,
        periods=found.OFFERED_PERIODS,
        entries=once(lambda: found.page(ops, wanted, request.args.get("cursor", ""))),
        choices=once(lambda: found.choices(ops)),
        people=once(lambda: operators.everybody(ops)),
    )


@blueprint.get("/audit.csv")
@operator_required()
def audit_csv() -> Response:
    """Return the newest 10,000 entries of what the URL filters."""
    wanted = found.Filter.of(request.args)
    asked = measure(lambda: tables.log(list(found.export(ops_database(), wanted))))
    if asked.problem:
        raise ServiceUnavailable(f"{asked.problem}.")
    log: Table = asked.value
    return log.csv("audit", asked.at)


@blueprint.get("/jobs.csv")
@operator_required()
def jobs_csv() -> Response:
    """Return the newest 1,000 jobs in the order and part that the page shows, with parameters and results."""
    asked = measure(lambda: jobs.recent(ops_database(), EXPORTED_JOBS))
    if asked.problem:
        raise ServiceUnavailable(f"{asked.problem}.")
    return tables.jobs(asked.value, request.args, tables.EXPORTED_JOBS).csv("jobs", asked.at)
