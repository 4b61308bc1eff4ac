"""GET /ops/database, /ops/database.csv: what the database holds, collection by collection."""

from flask import Response, request

from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import once
from mixillo.blueprints.dashboard.queries import collections, holdings, server
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.errors import ServiceUnavailable

OWNERS, OURS = "all", "ops"


@blueprint.get("/database")
@operator_required()
def database() -> str:
    """Show the collections of the owner's database and, apart from them, our own."""
    return render_page(
        "database",
        cards=("totals", "top", "collections", "technical"),
        server=once(server.ask_server),
        statistics=holdings.owners(),
        technical=holdings.ours(),
        table=lambda name, stats: collections.table(name, stats, request.args),
        shares=collections.shares,
    )


@blueprint.get("/database.csv")
@operator_required()
def database_csv() -> Response:
    """Return one of the tables as the page shows it now, with exact bytes and the time of the figures."""
    name = OURS if request.args.get("table") == OURS else OWNERS
    found = (holdings.ours() if name == OURS else holdings.owners())()
    if found.problem:
        raise ServiceUnavailable(f"{found.problem}.")
    return collections.table(name, found.value, request.args).csv(found.value.name, found.at)
