"""GET /ops/integrity, /ops/integrity.csv and POST below it: references that lead nowhere, and their repair."""

from bson import ObjectId
from flask import Response, request

from mixillo.blueprints.dashboard import working
from mixillo.blueprints.dashboard.access import current_operator, operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import integrity as found
from mixillo.blueprints.dashboard.queries import integrity_tables as tables
from mixillo.blueprints.dashboard.reauthentication import recently_confirmed
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.blueprints.dashboard.tables import Table
from mixillo.core.db import database, ops_database
from mixillo.errors import NotFound, ServiceUnavailable, ValidationFailed
from mixillo.ops import jobs
from mixillo.ops.integrity import declared, plan, recorded, repair, runs, scan, undo

PAGE = "dashboard.integrity"


@blueprint.get("/integrity")
@operator_required()
def integrity() -> str:
    """Show the last scan, the plan that may be applied, and the runs that may be taken back."""
    ops, parameters = ops_database(), request.args
    last, change = once(lambda: scan.latest(ops)), working.latest(runs.CHANGE_JOB)
    return render_page(
        "integrity",
        cards=("integrity_scan", "references", "plan", "repairs", "scans"),
        scan_job=working.latest(runs.SCAN_JOB),
        change_job=change,
        scan=last,
        references=once(lambda: found.references(last().value, _which())),
        plan=once(lambda: found.current_plan(ops, parameters, change().value)),
        runs=once(lambda: found.past_runs(ops, change().value)),
        scans=once(lambda: found.last_scans(ops)),
        actions=plan.ACTIONS,
        tables=tables,
    )


@blueprint.get("/integrity.csv")
@operator_required()
def integrity_csv() -> Response:
    """Return one of the tables as the page shows it now."""
    asked = measure(lambda: _table(request.args.get("table", "references")))
    if asked.problem:
        raise ServiceUnavailable(f"{asked.problem}.")
    table: Table = asked.value
    return table.csv(f"integrity-{table.name}", asked.at)


@blueprint.post("/integrity/scan")
@operator_required("operator")
@action("integrity.scan", page=PAGE)
def scan_integrity() -> str:
    """Look up every reference in the background; nothing is changed."""
    working.start(runs.SCAN_JOB, recorded.scan(database(), ops_database()))
    return "The scan has begun."


@blueprint.post("/integrity/plan")
@operator_required("operator")
@action("integrity.plan", page=PAGE)
def plan_integrity() -> str:
    """List in the background what a repair would change; nothing is changed."""
    chosen, only = request.form.get("action", ""), [name for name in request.form.getlist("only") if name]
    if chosen not in plan.ACTIONS:
        raise ValidationFailed.of("action", f"choose {' or '.join(plan.ACTIONS)}")
    if set(only) - {plan.name_of(reference) for reference in declared.references()}:
        raise ValidationFailed.of("only", "there is no such reference")
    actor = current_operator().actor
    work = recorded.make_plan(database(), ops_database(), chosen, actor=actor, only=only)
    working.start(runs.CHANGE_JOB, work, action=chosen, only=only)
    return "The plan is being made."


@blueprint.post("/integrity/plans/<plan_id>/apply")
@operator_required("admin")
@recently_confirmed
@action("integrity.apply", page=PAGE)
def apply_plan(plan_id: str) -> str:
    """Do what a plan lists, in the background, once its confirmation is typed."""
    which, typed = _id(plan_id), request.form.get("confirmation", "")
    repair.check(ops_database(), which, typed)
    work = recorded.apply(database(), ops_database(), which, typed, actor=current_operator().actor)
    working.start(runs.CHANGE_JOB, work, planId=which)
    return "The plan is being applied."


@blueprint.post("/integrity/runs/<run_id>/undo")
@operator_required("admin")
@recently_confirmed
@action("integrity.undo", page=PAGE)
def undo_run(run_id: str) -> str:
    """Bring back what a run deleted or changed, in the background, once its confirmation is typed."""
    which, typed = _id(run_id), request.form.get("confirmation", "")
    undo.check(ops_database(), which, typed)
    work = recorded.take_back(database(), ops_database(), which, typed, actor=current_operator().actor)
    working.start(runs.CHANGE_JOB, work, runId=which)
    return "The run is being taken back."


def _id(text: str) -> ObjectId:
    if not ObjectId.is_valid(text):
        raise NotFound(f"There is nothing called {text}.")
    return ObjectId(text)


def _which() -> str:
    return found.ALL if request.args.get("show") == found.ALL else found.MISSING


def _table(name: str) -> Table:
    ops, parameters = ops_database(), request.args
    if name == "scans":
        return tables.scans(found.last_scans(ops), parameters)
    job = jobs.latest(ops, runs.CHANGE_JOB)
    if name == "runs":
        return tables.runs(found.past_runs(ops, job), parameters)
    if name == "plan":
        if (shown := found.current_plan(ops, parameters, job)) is None:
            raise NotFound("There is no plan yet.")
        return tables.reasons(shown.document, parameters)
    return tables.references(found.references(scan.latest(ops), _which()).shown, parameters)
