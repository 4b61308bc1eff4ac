"""GET /ops/backups, /ops/backups.csv, POST /ops/backups/create, /ops/backups/verify."""

from flask import Response, current_app, request

from mixillo.blueprints.dashboard import working
from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import backups as found
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.core.db import database, ops_database
from mixillo.errors import ServiceUnavailable
from mixillo.ops.backups import find, open_storage, recorded

PAGE = "dashboard.backups"


@blueprint.get("/backups")
@operator_required()
def backups() -> str:
    """Show whether there is a fresh backup that restores, what was tried, and how to restore."""
    ops = ops_database()
    return render_page(
        "backups",
        cards=("backup_state", "backup_work", "backup_history", "restoring"),
        standing=once(lambda: found.standing(ops)),
        history=once(lambda: found.history(ops)),
        creating=working.latest(recorded.CREATE),
        verifying=working.latest(recorded.VERIFY),
        kept=found.kept,
        table=lambda rows: found.table(rows, request.args),
        place=_place(),
    )


@blueprint.get("/backups.csv")
@operator_required()
def backups_csv() -> Response:
    """Return the history as the page shows it now, with exact bytes."""
    asked = measure(lambda: found.history(ops_database()))
    if asked.problem:
        raise ServiceUnavailable(f"{asked.problem}.")
    return found.table(asked.value, request.args).csv("backups", asked.at)


@blueprint.post("/backups/create")
@operator_required("admin")
@action("backup.started", page=PAGE)
def create_backup() -> str:
    """Back up both databases in the background, as `mixillo backup create` does."""
    storage = open_storage(_place())
    working.start(recorded.CREATE, recorded.creation(database(), ops_database(), storage), to=storage.location)
    return f"A backup to {storage.location} has begun."


@blueprint.post("/backups/verify")
@operator_required("admin")
@action("backup.verification_started", page=PAGE)
def verify_backup() -> str:
    """Restore one of the recorded backups, the newest unless one is named, into a scratch database and compare."""
    named = request.form.get("backup", "")
    # Only what a record says: the form's word never becomes a path.
    known = {record["name"]: record["location"] for record in found.kept(found.history(ops_database()))}
    backup = find(known.get(named, _place()))
    work = recorded.verification(database(), ops_database(), backup)
    working.start(recorded.VERIFY, work, backup=backup.location)
    return f"Verifying {backup.location} has begun."


def _place() -> str:
    place: str = current_app.config["SETTINGS"].backups
    return place
