"""Slow query shapes: what took the driver too long, how the server answers it, and the index that would serve."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.tables import Column, Table, link, number, word
from mixillo.core import clock
from mixillo.ops import slow_queries
from mixillo.ops.indexes import commands
from mixillo.ops.jobs import Job

Row = dict[str, Any]
SHOWN = 100
UNKNOWN = "—"
# For so long the page opens with the query that somebody has had explained.
REMEMBERED = timedelta(hours=1)


def shapes(ops: Database) -> list[Row]:
    """Return the shapes that took the most time altogether, each with its ``p95`` and the ``command`` that helps."""
    return [_row(stored) for stored in slow_queries.slowest(ops, SHOWN)]


def table(rows: Sequence[Row], parameters: Mapping[str, str]) -> Table:
    """Return shapes as the request wants them, those that took the most time first unless it says."""
    return Table.of("slow", COLUMNS, rows, order="", parameters=parameters, row_url=lambda row: _url(row, parameters))


def chosen(rows: Sequence[Row], parameters: Mapping[str, str], job: Job | None) -> Row | None:
    """Return the shape that the URL names by ``shape``, else the one that was explained lately."""
    named = parameters.get("shape", "")
    if not named and job and job["startedAt"] > clock.now() - REMEMBERED:
        named = job["parameters"].get("shape", "")
    return next((row for row in rows if row["_id"] == named), None)


def _url(row: Row, parameters: Mapping[str, str]) -> str:
    return link("dashboard.database", parameters, shape=row["_id"]) + "#slow_queries"


def _row(stored: Row) -> Row:
    keys = [(field, direction) for field, direction in stored["suggestion"]]
    return stored | {
        "p95": slow_queries.p95(stored),
        "suggested": ", ".join(f"{field}: {direction}" for field, direction in keys),
        "command": commands.to_create(stored["collection"], keys) if keys else None,
    }


def _explained(row: Row, name: str) -> Any:
    """Return what the server said, ``None`` where it was not asked or could not say."""
    said = row["explained"]
    return said[name] if said and said["plan"] else None


def _examined(name: str, title: str, hint: str) -> Column:
    def text(row: Row) -> str:
        found = _explained(row, name)
        return UNKNOWN if found is None else formats.count(found)

    return Column(name, title, lambda row: _explained(row, name), text, hint=hint)


COLUMNS = (
    word("shape", "Query", lambda row: row["shown"]),
    word("collection", "Collection", lambda row: row["collection"]),
    number("count", "Slow", lambda row: row["count"], "How often it took longer than the threshold"),
    Column(
        "p95Ms", "p95", lambda row: row["p95"],
        lambda row: UNKNOWN if row["p95"] is None else formats.milliseconds(row["p95"]),
        hint="Of the slow ones: the quick ones are not recorded",
    ),
    Column("maxMs", "Worst", lambda row: row["maxMs"], lambda row: formats.milliseconds(row["maxMs"])),
    _examined("examined", "Examined", "Documents read, as explained with the values of a stored document"),
    _examined("returned", "Returned", "Documents found by that"),
    Column(
        "suggestion", "Index that would serve", lambda row: row["suggested"], lambda row: row["suggested"] or UNKNOWN,
        numeric=False, hint="Equality, then order, then range",
    ),
    Column(
        "lastSeenAt", "Last seen", lambda row: row["lastSeenAt"], lambda row: formats.ago(row["lastSeenAt"]),
        numeric=False, cell=lambda row: clock.timestamp(row["lastSeenAt"]),
    ),
)  # fmt: skip
