"""GET /ops/uptime, /ops/uptime.csv: was the service up, and how much of the time is known."""

from flask import Response, request

from mixillo.blueprints.dashboard import periods
from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.queries import availability
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.core.db import ops_database
from mixillo.errors import ServiceUnavailable
from mixillo.ops.uptime import bars


@blueprint.get("/uptime")
@operator_required()
def uptime() -> str:
    """Show uptime and coverage of three windows, heartbeats of the chosen period, and incidents."""
    ops, period = ops_database(), periods.chosen(request.args)
    return render_page(
        "uptime",
        cards=("windows", "heartbeats", "incidents"),
        period=period,
        periods=periods.PERIODS,
        windows=once(lambda: availability.windows(ops)),
        bars=once(lambda: bars(ops, period)),
        share=availability.share,
        table=lambda incidents: availability.table(incidents, request.args),
    )


@blueprint.get("/uptime.csv")
@operator_required()
def uptime_csv() -> Response:
    """Return the incidents of the last 30 days."""
    found = measure(lambda: availability.windows(ops_database()))
    if found.problem:
        raise ServiceUnavailable(f"{found.problem}.")
    return availability.table(found.value.incidents, request.args).csv("incidents", found.at)
