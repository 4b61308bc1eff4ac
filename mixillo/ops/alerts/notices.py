"""The words of a notice: what, how bad, since when, and what to do first."""

from dataclasses import dataclass
from datetime import datetime

from mixillo.ops.alerts.rules import HOURS, MILLISECONDS, SHARE, Rule
from mixillo.ops.alerts.states import FIRING, REMINDER, RESOLVED, Alert

WORDS = {FIRING: "Alert", REMINDER: "Still an alert", RESOLVED: "Over"}
TEST = "test"


@dataclass(frozen=True)
class Notice:
    """What people are told: ``kind`` is ``firing``, ``reminder``, ``resolved`` or ``test``."""

    rule_id: str
    kind: str
    title: str
    body: str


def compose(alert: Alert, rule: Rule, kind: str, now: datetime, dashboard: str) -> Notice:
    """Return the notice about ``alert``."""
    since = alert.opened_at or alert.since or now
    lines = [
        f"{rule.title}: {in_words(alert.value, rule.unit)}, limit {in_words(rule.threshold, rule.unit)}.",
        f"{alert.detail[:1].upper()}{alert.detail[1:]}.",
        f"{'Since' if kind != RESOLVED else 'Over since'} {since:%Y-%m-%d %H:%M} UTC.",
    ]
    if kind != RESOLVED:
        lines.append(rule.action)
    lines.append(f"{dashboard}/ops/alerts")
    return Notice(rule.id, kind, f"{WORDS[kind]} ({rule.severity}): {rule.title}", "\n".join(lines))


def trial(now: datetime, dashboard: str) -> Notice:
    """Return a notice that only shows that notices arrive."""
    return Notice(TEST, TEST, "Test of alerts", f"This is a test of {now:%Y-%m-%d %H:%M} UTC.\n{dashboard}/ops/alerts")


def in_words(value: float | None, unit: str) -> str:
    """Return a figure as people read it."""
    if value is None:
        return "no data"
    forms = {SHARE: f"{value:.2%}", MILLISECONDS: f"{value:,.0f} ms", HOURS: f"{value:,.1f} h"}
    return forms.get(unit, f"{value:,.0f}")
