"""GET /ops/infrastructure: what this process is and what it runs on."""

from flask import current_app

from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import once
from mixillo.blueprints.dashboard.queries import server, surroundings
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.ops import machine


@blueprint.get("/infrastructure")
@operator_required()
def infrastructure() -> str:
    """Show service, resources, database server, limits and software of the process that answers."""
    return render_page(
        "infrastructure",
        cards=("resources", "server"),
        settings=current_app.config["SETTINGS"],
        surroundings=surroundings,
        server=once(server.ask_server),
        sockets=server.sockets,
        memory=machine.memory,
        cpu=machine.cpu,
        uptime=machine.uptime,
        started_at=machine.started_at,
        software=machine.software,
    )
