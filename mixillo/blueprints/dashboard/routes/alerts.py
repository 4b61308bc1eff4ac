"""/ops/alerts, /ops/alerts.csv and what is done with a rule: POST …/<rule>/acknowledge, /silence, /unsilence, …"""

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mixillo.blueprints.dashboard import notices
from mixillo.blueprints.dashboard.access import current_operator, operator_required
from mixillo.blueprints.dashboard.measuring import measure, once
from mixillo.blueprints.dashboard.notices import action
from mixillo.blueprints.dashboard.queries import alerting as found
from mixillo.blueprints.dashboard.rendering import render_page
from mixillo.blueprints.dashboard.routes.blueprint import blueprint
from mixillo.blueprints.dashboard.services import alerting
from mixillo.core.db import ops_database
from mixillo.errors import AppError, ServiceUnavailable
from mixillo.ops.alerts import in_words

PAGE = "dashboard.alerts"


@blueprint.get("/alerts")
@operator_required()
def alerts() -> str:
    """Show what fires, every rule, what happened and who was told; ``rule`` narrows it to one."""
    ops, rule = ops_database(), request.args.get("rule")
    return render_page(
        "alerts",
        cards=("open_alerts", "rule", "rules", "alert_history", "deliveries"),
        rules=once(lambda: found.rows_of(ops, "rules", None)),
        history=once(lambda: found.rows_of(ops, "history", rule)),
        deliveries=once(lambda: found.rows_of(ops, "deliveries", rule)),
        table=lambda name, rows: found.table(name, rows, request.args),
        rule=rule,
        rule_named=found.rule_named,
        open_of=found.open_of,
        silent_of=found.silent_of,
        look=found.look,
        in_words=in_words,
        lengths=alerting.LENGTHS,
        form_units=alerting.FORM_UNITS,
        in_form=alerting.in_form,
        has_addresses=bool(current_app.config["SETTINGS"].alert_urls),
    )


@blueprint.get("/alerts.csv")
@operator_required()
def alerts_csv() -> Response:
    """Return one of the tables as the page shows it now: ``table=rules`` (the usual one), history or deliveries."""
    name = request.args.get("table", "rules")
    name = name if name in found.TABLES else "rules"
    asked = measure(lambda: found.rows_of(ops_database(), name, request.args.get("rule")))
    if asked.problem:
        raise ServiceUnavailable(f"{asked.problem}.")
    return found.table(name, asked.value, request.args).csv(f"alerts-{name}", asked.at)


@blueprint.post("/alerts/<rule_id>/acknowledge")
@operator_required("operator")
@action("alert.acknowledged", page=PAGE)
def acknowledge_alert(rule_id: str) -> str:
    """Look after an alert that fires."""
    return alerting.acknowledge(ops_database(), current_operator(), rule_id, request.form.get("note", ""))


@blueprint.post("/alerts/<rule_id>/silence")
@operator_required("operator")
@action("alert.silenced", page=PAGE)
def silence_alert(rule_id: str) -> str:
    """Tell nobody of a rule for a while."""
    form = request.form
    return alerting.silence(ops_database(), current_operator(), rule_id, form.get("for", ""), form.get("reason", ""))


@blueprint.post("/alerts/<rule_id>/unsilence")
@operator_required("operator")
@action("alert.unsilenced", page=PAGE)
def unsilence_alert(rule_id: str) -> str:
    """End a silence before its time."""
    return alerting.unsilence(ops_database(), current_operator(), rule_id)


@blueprint.post("/alerts/<rule_id>/change")
@operator_required("admin")
@action("alert.rule_changed", page=PAGE)
def change_alert_rule(rule_id: str) -> str:
    """Change a rule's limit and least sample, or switch it off and on."""
    form = request.form
    threshold, sample, enabled = form.get("threshold", ""), form.get("sample", ""), form.get("enabled") != "no"
    return alerting.change(
        ops_database(), current_operator(), rule_id, threshold=threshold, sample=sample, enabled=enabled
    )


@blueprint.post("/alerts/<rule_id>/reset")
@operator_required("admin")
@action("alert.rule_reset", page=PAGE)
def reset_alert_rule(rule_id: str) -> str:
    """Make a rule as it was delivered."""
    return alerting.reset(ops_database(), current_operator(), rule_id)


@blueprint.post("/alerts/test")
@operator_required("operator")
def test_alerts() -> BaseResponse:
    """Send a test to every address, and tell what came of it."""
    try:
        arrived, sentence = alerting.test(ops_database(), current_operator(), current_app.config["SETTINGS"])
        notices.leave(notices.DONE if arrived else notices.REFUSED, sentence)
    except AppError as error:
        notices.leave(notices.REFUSED, error.detail)
    return redirect(url_for(PAGE), 303)
