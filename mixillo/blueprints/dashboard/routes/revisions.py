"""GET /ops/revisions, /ops/revisions.csv: what was deployed, and what it did to the figures."""

from flask import Response

from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.queries import deployments, endpoints
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.core.db import ops_database
from mixillo.errors import ServiceUnavailable

CHART_PERIOD = "7d"


@blueprint.get("/revisions")
@operator_required()
def revisions() -> str:
    """Show the revisions with error rate, p95 and pass rate before and after each."""
    ops = ops_database()
    return render_page(
        "revisions",
        cards=("deployments", "errors_over_time"),
        deployments=once(lambda: deployments.deployments(ops)),
        latency=once(lambda: endpoints.latency_chart(ops, CHART_PERIOD)),
        state=deployments.state,
        in_words=deployments.in_words,
    )


@blueprint.get("/revisions.csv")
@operator_required()
def revisions_csv() -> Response:
    """Return the revisions and their comparisons."""
    found = measure(lambda: deployments.deployments(ops_database()))
    if found.problem:
        raise ServiceUnavailable(f"{found.problem}.")
    response = Response("\ufeff" + deployments.as_csv(found.value), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"revisions-{found.at:%Y%m%dT%H%M%SZ}.csv")
    return response
