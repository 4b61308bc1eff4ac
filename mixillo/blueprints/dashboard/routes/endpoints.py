"""GET /ops/endpoints, /ops/endpoints.csv: how fast and how reliably every route answers."""

from flask import Response, request

from mixillo.blueprints.dashboard import periods
from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.queries import endpoints as figures
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.core.db import ops_database
from mixillo.errors import ServiceUnavailable
from mixillo.ops.metrics import queries
from mixillo.ops.metrics.groups import TARGETED


@blueprint.get("/endpoints")
@operator_required()
def endpoints() -> str:
    """Show groups against their targets, p95 over time, every route, and the slowest requests."""
    ops, period = ops_database(), periods.chosen(request.args)
    return render_page(
        "endpoints",
        cards=("groups", "latency", "routes", "slow"),
        period=period,
        periods=periods.PERIODS,
        groups=TARGETED,
        by_group=once(lambda: queries.by_group(ops, period)),
        latency=once(lambda: figures.latency_chart(ops, period)),
        traffic=once(lambda: figures.traffic_chart(ops, period)),
        routes=once(lambda: figures.routes(ops, period)),
        table=lambda rows: figures.table(rows, request.args),
        slow=once(lambda: queries.slow_requests(ops, period, limit=20)),
    )


@blueprint.get("/endpoints.csv")
@operator_required()
def endpoints_csv() -> Response:
    """Return the routes as the page shows them now, with exact figures."""
    found = measure(lambda: figures.routes(ops_database(), periods.chosen(request.args)))
    if found.problem:
        raise ServiceUnavailable(f"{found.problem}.")
    return figures.table(found.value, request.args).csv("endpoints", found.at)
