"""The Alerts page: rules with where they stand, what happened to them, and who was told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.statuses import status
from mixillo.blueprints.dashboard.tables import Column, Table, link, number, word
from mixillo.core import clock
from mixillo.ops import alerts
from mixillo.ops.alerts import in_words
from mixillo.ops.alerts.delivery import GIVEN_UP, SENT
from mixillo.ops.alerts.rules import BY_ID
from mixillo.ops.alerts.states import ACKNOWLEDGED, FIRING, INSUFFICIENT, OFF, OK, PENDING, RESOLVED, SILENCED

SHOWN = 200
# How a state looks: what is not listed is neither good nor bad.
LOOKS = {
    FIRING: "down", ACKNOWLEDGED: "degraded", PENDING: "degraded", OK: "ok", RESOLVED: "ok",
    SENT: "ok", GIVEN_UP: "down",
}  # fmt: skip
Row = Mapping[str, Any]


def _stamp(when: datetime | None) -> str | None:
    return clock.timestamp(when) if when else None


def _moment(when: datetime | None) -> str:
    return formats.moment(when) if when else "never"


def _shown(row: Row) -> str:
    return status(look(row["state"]), row["state"])


RULES = (
    word("title", "Rule", lambda row: row["title"]),
    Column("state", "State", lambda row: row["state"], _shown, numeric=False),
    word("severity", "Severity", lambda row: row["severity"], hint="A page wakes people"),
    Column("value", "Value", lambda row: row["value"], lambda row: in_words(row["value"], row["unit"])),
    Column("threshold", "Limit", lambda row: row["threshold"], lambda row: in_words(row["threshold"], row["unit"])),
    number("sample", "Sample", lambda row: row["sample"], hint="Below its minimum nothing is said"),
    Column("since", "Since", lambda row: _stamp(row["since"]), lambda row: _moment(row["since"]), numeric=False),
)
HISTORY = (
    word("rule", "Rule", lambda row: row["rule"]),
    Column("at", "When", lambda row: clock.timestamp(row["at"]), lambda row: formats.moment(row["at"]), False),
    word("what", "What", lambda row: what(row)),
    Column("value", "Value", lambda row: row["value"], lambda row: _valued(row, "value")),
    Column("threshold", "Limit", lambda row: row["threshold"], lambda row: _valued(row, "threshold")),
    number("sample", "Sample", lambda row: row["sample"]),
    word("by", "By", lambda row: row["actor"]["name"]),
    word("note", "Note", lambda row: row["note"] or row["detail"]),
)
DELIVERIES = (
    word("rule", "Rule", lambda row: row["rule"]),
    Column(
        "at",
        "Queued",
        lambda row: clock.timestamp(row["createdAt"]),
        lambda row: formats.moment(row["createdAt"]),
        False,
    ),
    word("kind", "Notice", lambda row: row["kind"]),
    word("target", "To", lambda row: address(row), hint="The kind of address, and what tells two of a kind apart"),
    Column("state", "State", lambda row: row["state"], _shown, numeric=False),
    number("attempts", "Attempts", lambda row: row["attempts"]),
    Column("sentAt", "Sent", lambda row: _stamp(row["sentAt"]), lambda row: _moment(row["sentAt"]), numeric=False),
    word("error", "Error", lambda row: row["error"] or ""),
)
# Their columns and the order they usually stand in; rules come with the worst first.
TABLES = {"rules": (RULES, ""), "history": (HISTORY, "-at"), "deliveries": (DELIVERIES, "-at")}


def rows_of(ops: Database, name: str, rule: str | None) -> Sequence[Row]:
    """Return the rows of one of ``TABLES``: those of ``rule`` alone, if one is named."""
    if name == "rules":
        return alerts.overview(ops)
    read = alerts.history if name == "history" else alerts.log_of
    return read(ops, SHOWN, rule=rule)


def table(name: str, rows: Sequence[Row], parameters: Mapping[str, str]) -> Table:
    """Return one of ``TABLES`` as the request wants it; each row leads to its rule."""
    columns, order = TABLES[name]
    return Table.of(
        name, columns, rows, order=order, parameters=parameters,
        row_url=lambda row: link("dashboard.alerts", parameters, rule=row["rule"]) + "#rule",
    )  # fmt: skip


def rule_named(rows: Sequence[Row], name: str | None) -> Row | None:
    """Return the row of the rule that the URL names."""
    return next((row for row in rows if row["rule"] == name), None)


def open_of(rows: Sequence[Row]) -> list[Row]:
    """Return what fires, somebody looking after it or not; silenced ones are not open."""
    return [row for row in rows if row["state"] in (FIRING, ACKNOWLEDGED)]


def silent_of(rows: Sequence[Row]) -> list[Row]:
    """Return the rules that would not tell of anything: silenced, switched off or without enough data."""
    return [row for row in rows if row["state"] in (SILENCED, INSUFFICIENT, OFF)]


def look(state: str) -> str:
    """Return the status that a state of a rule or of a delivery is shown with."""
    return LOOKS.get(state, "neutral")


def what(row: Row) -> str:
    """Return what an entry of the history says: ``ok → firing`` or ``silenced``."""
    return f"{row['from']} → {row['to']}" if row["kind"] == "changed" else row["kind"]


def address(row: Row) -> str:
    """Return where a notice went, without what is secret of it: the kind of address, and what tells two apart."""
    return f"{row['target']} {row['targetKey'][:4]}"


def _valued(row: Row, name: str) -> str:
    rule = BY_ID.get(row["rule"])
    return in_words(row[name], rule.unit if rule else "")
