"""GET /ops: how the service is, in five seconds."""

from flask import request

from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import once
from mixillo.blueprints.dashboard.queries import activity, availability, holdings, server, service, verdict
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.core.db import database as owner_database
from mixillo.core.db import ops_database
from mixillo.ops import machine, migrations
from mixillo.ops.metrics.groups import ERROR_TARGET


@blueprint.get("")
@operator_required()
def overview() -> str:
    """Show what can be known now: one sentence, its figures, and what was done lately."""
    period = request.args.get("period", activity.USUAL_PERIOD)
    period = period if period in activity.PERIODS else activity.USUAL_PERIOD
    return render_page(
        "overview",
        cards=("verdict", "measures", "vitals", "largest", "activity"),
        server=once(server.ask_server),
        statistics=holdings.owners(),
        measures=once(lambda: service.ask(ops_database())),
        share=availability.share,
        error_target=ERROR_TARGET,
        migrations=once(lambda: migrations.status(owner_database(), ops_database())),
        activity=once(lambda: activity.recent(ops_database(), period)),
        memory=machine.memory,
        sockets=server.sockets,
        uptime=machine.uptime,
        judge=verdict.judge,
        period=period,
        periods=tuple(activity.PERIODS),
    )
