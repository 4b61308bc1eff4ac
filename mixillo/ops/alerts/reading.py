"""Alerts as pages, commands and the report show them."""

from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.alerts import rules, stored
from mixillo.ops.alerts.states import ACKNOWLEDGED, FIRING, PENDING, SILENCED, Alert

# The worst first.
ORDER = (FIRING, ACKNOWLEDGED, PENDING, SILENCED)


def overview(ops: Database) -> list[dict[str, Any]]:
    """Return every rule with its alert, the worst first::

        {rule, title, severity, state, behind, since, openedAt, value, threshold, defaultThreshold, unit, sample,
         minimumSample, defaultMinimumSample, detail, evaluatedAt, silence, acknowledgement, action, enabled}

    ``state`` is what people see; ``behind`` is the state that a silence or an acknowledgement hides.
    """
    documents = {document["_id"]: document for document in ops[stored.ALERTS].find()}
    rows = [
        _row(rule, stored.load(documents[rule.id]) if rule.id in documents else Alert(rule.id))
        for rule in rules.effective(ops)
    ]
    return sorted(rows, key=_badness)


def open_alerts(ops: Database) -> list[dict[str, Any]]:
    """Return the rows of what fires now, acknowledged ones included and silenced ones left out."""
    return [row for row in overview(ops) if row["state"] in (FIRING, ACKNOWLEDGED)]


def history(ops: Database, limit: int = 50, *, rule: str | None = None) -> list[dict[str, Any]]:
    """Return the newest changes and actions, the newest first; see :func:`stored.event` for their shape."""
    where = {"rule": rule} if rule else {}
    return list(ops[stored.EVENTS].find(where).sort([("at", -1), ("_id", -1)]).limit(limit))


def _row(rule: rules.Rule, alert: Alert) -> dict[str, Any]:
    now = clock.now()
    return {
        "rule": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "state": alert.shown(now),
        "behind": alert.state,
        "since": alert.since,
        "openedAt": alert.opened_at,
        "value": alert.value,
        "threshold": rule.threshold,
        "defaultThreshold": rules.BY_ID[rule.id].threshold,
        "unit": rule.unit,
        "sample": alert.sample,
        "minimumSample": rule.minimum_sample,
        "defaultMinimumSample": rules.BY_ID[rule.id].minimum_sample,
        "detail": alert.detail,
        "evaluatedAt": alert.evaluated_at,
        "silence": alert.silence if alert.is_silenced(now) else None,
        "acknowledgement": alert.acknowledgement,
        "action": rule.action,
        "enabled": rule.enabled,
    }


def _badness(row: dict[str, Any]) -> tuple[int, bool]:
    place = ORDER.index(row["state"]) if row["state"] in ORDER else len(ORDER)
    return place, row["severity"] != rules.PAGE
