"""Alerts: rules over what is measured, their states, and who is told."""

from mixillo.ops.alerts.actions import NotFiring, acknowledge, silence, test, unsilence
from mixillo.ops.alerts.delivery import deliver, log_of
from mixillo.ops.alerts.evaluation import Outcome, alert_changed, evaluate, init_app, maybe_evaluate
from mixillo.ops.alerts.notices import in_words
from mixillo.ops.alerts.outage import tell_from_outside
from mixillo.ops.alerts.reading import history, open_alerts, overview
from mixillo.ops.alerts.rules import RULES, Rule, RuleNotFound, effective, override

__all__ = [
    "RULES",
    "NotFiring",
    "Outcome",
    "Rule",
    "RuleNotFound",
    "acknowledge",
    "alert_changed",
    "deliver",
    "effective",
    "evaluate",
    "history",
    "in_words",
    "init_app",
    "log_of",
    "maybe_evaluate",
    "open_alerts",
    "override",
    "overview",
    "silence",
    "tell_from_outside",
    "test",
    "unsilence",
]
