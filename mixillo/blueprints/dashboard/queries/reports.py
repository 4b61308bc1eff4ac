"""The Report page: the reports that were frozen."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from mixillo.blueprints.dashboard.tables import Column, Table
from mixillo.core import clock
from mixillo.ops.report.sections.summary import WORDS

LATEST_FIRST = "-createdAt"
COLUMNS = (
    Column(
        "createdAt",
        "Frozen",
        lambda r: clock.timestamp(r["createdAt"]),
        lambda r: f"{r['createdAt']:%-d %b %Y, %H:%M:%S} UTC",
        numeric=False,
    ),
    Column("state", "Status", lambda r: WORDS[r["state"]], lambda r: WORDS[r["state"]], numeric=False),
    Column("period", "Window", lambda r: r["period"], lambda r: r["period"], numeric=False),
    Column("revision", "Revision", lambda r: r["revision"], lambda r: r["revision"], numeric=False),
    Column("actor", "By", lambda r: r["actor"]["name"], lambda r: r["actor"]["name"], numeric=False),
    Column("sentence", "In a sentence", lambda r: r["sentence"], lambda r: r["sentence"], numeric=False),
)


def table(frozen: list[dict[str, Any]], parameters: Mapping[str, str]) -> Table:
    """Return the reports as the request wants them, the latest first unless it says; each leads to its page."""
    return Table.of("reports", COLUMNS, frozen, order=LATEST_FIRST, parameters=parameters, row_url=_url)


def _url(report: dict[str, Any]) -> str:
    return url_for("dashboard.frozen_report", report_id=report["_id"])
