"""GET /ops/probes, /ops/probes.csv, POST /ops/probes/run: does every endpoint do what its document says?"""

from flask import Response, current_app, request

from mixillo.blueprints.dashboard import working
from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import probe_tables as tables
from mixillo.blueprints.dashboard.queries import probes as found
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.blueprints.dashboard.tables import Table
from mixillo.core import clock
from mixillo.core.db import database, ops_database
from mixillo.errors import NotFound, ServiceUnavailable, ValidationFailed
from mixillo.ops.probes import recorded
from mixillo.ops.probes.model import STATES


@blueprint.get("/probes")
@operator_required()
def probes() -> str:
    """Show a run by module, endpoint and case, and the runs before it."""
    ops, parameters = ops_database(), request.args
    run = once(lambda: found.run(ops, parameters))
    return render_page(
        "probes",
        cards=("probe_run", "probe_modules", "probe_results", "probe_runs", "probe_revisions"),
        job=working.latest(recorded.KIND),
        run=run,
        newer_part=once(lambda: found.newer_part(ops, run().value)),
        module_names=once(lambda: found.modules(ops, run().value)),
        results=once(lambda: found.results(ops, run().value, parameters)),
        past=once(lambda: found.past(ops, clock.now())),
        tables=tables,
        seconds=found.seconds,
        states=STATES,
    )


@blueprint.get("/probes.csv")
@operator_required()
def probes_csv() -> Response:
    """Return one of the tables as the page shows it now; ``table=cases`` is every case of what is filtered."""
    name = request.args.get("table", "cases")
    asked = measure(lambda: _table(name))
    if asked.problem:
        raise ServiceUnavailable(f"{asked.problem}.")
    table: Table = asked.value
    return table.csv(f"probes-{table.name}", asked.at)


@blueprint.post("/probes/run")
@operator_required("operator")
@action("probes.run", page="dashboard.probes")
def run_probes() -> str:
    """Probe this server itself in the background, as `mixillo probe` does."""
    module = request.form.get("module") or None
    if module and module not in found.modules(ops_database()):
        raise ValidationFailed.of("module", "there is no such module")
    address = f"http://127.0.0.1:{current_app.config['SETTINGS'].port}"
    work = recorded.job(database(), ops_database(), address, module=module)
    working.start(recorded.KIND, work, baseUrl=address, module=module, unsafe=False)
    return f"The probes of {module or 'everything'} have begun."


def _table(name: str) -> Table:
    ops, parameters = ops_database(), request.args
    if name == "runs":
        return tables.runs(found.past(ops, clock.now()).runs, parameters)
    if name == "revisions":
        return tables.revisions(found.past(ops, clock.now()).revisions, parameters)
    run = found.run(ops, parameters)
    if run is None:
        raise NotFound("The probes have not run yet.")
    if name == "modules":
        return tables.modules(run, parameters)
    return tables.cases(found.cases(ops, run, parameters), parameters)
