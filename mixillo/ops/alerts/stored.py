"""Alerts, their history and their deliveries in the technical database."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from mixillo.ops.alerts.states import Alert

ALERTS, EVENTS = "alerts", "alertevents"
SYSTEM = {"kind": "system", "name": "mixillo"}
NAMES = {
    declared.name: "".join(part.title() if n else part for n, part in enumerate(declared.name.split("_")))
    for declared in fields(Alert)
    if declared.name != "rule_id"
}


def load(document: dict[str, Any]) -> Alert:
    """Return the alert that a document of ``alerts`` holds."""
    values: dict[str, Any] = {name: document[kept] for name, kept in NAMES.items() if kept in document}
    return Alert(document["_id"], **values)


def dump(alert: Alert) -> dict[str, Any]:
    """Return the document of an alert, camelCase, with ``_id`` as the rule's name."""
    return {"_id": alert.rule_id} | {stored: getattr(alert, name) for name, stored in NAMES.items()}


def find(ops: Database, rule_id: str, session: ClientSession | None = None) -> Alert:
    """Return the alert of a rule; of one that was never evaluated a fresh one."""
    document = ops[ALERTS].find_one({"_id": rule_id}, session=session)
    return load(document) if document else Alert(rule_id)


def event(
    alert: Alert,
    kind: str,
    at: datetime,
    *,
    before: str | None = None,
    actor: dict[str, Any] | None = None,
    note: str = "",
) -> dict[str, Any]:
    """Return an entry of the history: ``{rule, kind, at, from, to, value, threshold, sample, detail, actor, note}``.

    ``kind`` is ``changed``, ``silenced``, ``unsilenced`` or ``acknowledged``.
    """
    return {
        "rule": alert.rule_id,
        "kind": kind,
        "at": at,
        "from": before,
        "to": alert.state,
        "value": alert.value,
        "threshold": alert.threshold,
        "sample": alert.sample,
        "detail": alert.detail,
        "actor": actor or SYSTEM,
        "note": note,
    }
