"""GET /ops/report, /ops/report.csv, /ops/report/:id, /ops/report/:id/md|html, POST /ops/report: frozen reports."""

from bson import ObjectId
from flask import Response, current_app, request

from mixillo.blueprints.dashboard import periods, working
from mixillo.blueprints.dashboard.access import current_operator, operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import reports as queries
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.core.db import database, ops_database
from mixillo.errors import ServiceUnavailable
from mixillo.ops import report as reports
from mixillo.ops.report.frozen import KIND, ReportNotFound, Stored
from mixillo.ops.report.rendering import coded, policy
from mixillo.ops.report.sections.summary import WORDS

MIMETYPES = {"md": "text/markdown", "html": "text/html"}

blueprint.add_app_template_filter(coded, "coded")


@blueprint.get("/report")
@operator_required()
def report() -> str:
    """Show the reports that were frozen, and freeze another."""
    ops = ops_database()
    return render_page(
        "report",
        cards=("report_latest", "report_list"),
        period=periods.chosen(request.args),
        periods=periods.PERIODS,
        job=working.latest(KIND),
        frozen=once(lambda: reports.frozen(ops)),
        table=lambda found: queries.table(found, request.args),
        words=WORDS,
    )


@blueprint.get("/report.csv")
@operator_required()
def report_csv() -> Response:
    """Return the list of frozen reports."""
    found = measure(lambda: reports.frozen(ops_database()))
    if found.problem:
        raise ServiceUnavailable(f"{found.problem}.")
    return queries.table(found.value, request.args).csv("reports", found.at)


@blueprint.post("/report")
@operator_required("operator")
@action("report.freeze", page="dashboard.report")
def freeze_report() -> str:
    """Build a report in the background and keep it."""
    period, settings = periods.chosen(request.form), current_app.config["SETTINGS"]
    work = reports.job(settings, database(), ops_database(), period, actor=current_operator().actor)
    working.start(KIND, work, period=period)
    return f"The report on the last {period} is being written; it will be listed here."


@blueprint.get("/report/<report_id>")
@operator_required()
def frozen_report(report_id: str) -> str:
    """Show one report as it was."""
    found = _find(report_id)
    return render_page("frozen_report", cards=(), frozen=found, report=found["tree"], words=WORDS)


@blueprint.get("/report/<report_id>/<any(md, html):form>")
@operator_required()
def report_file(report_id: str, form: str) -> Response:
    """Return one report as a file."""
    found = _find(report_id)
    text = found["markdown"] if form == "md" else reports.to_html(found["tree"])
    response = Response(text, mimetype=MIMETYPES[form])
    name = f"mixillo-report-{found['createdAt']:%Y%m%dT%H%M%SZ}.{form}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    # Opened in the browser after all, it may show its own style and nothing else.
    response.headers["Content-Security-Policy"] = f"{policy()}; frame-ancestors 'none'; sandbox"
    return response


def _find(report_id: str) -> Stored:
    if not ObjectId.is_valid(report_id):
        raise ReportNotFound("A report is named by 24 hexadecimal digits.")
    return reports.find(ops_database(), ObjectId(report_id))
