"""Tables that sort, search and export: the state is in the URL, the work is done on the server."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, request, url_for

from mixillo.blueprints.dashboard import formats
from mixillo.core import clock

LONGEST_SEARCH = 100
# A spreadsheet would run a cell that starts with one of these.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column: ``value`` is what sorts, ``text`` what the page shows, ``cell`` what the CSV holds if it differs."""

    key: str
    title: str
    value: Callable[[Any], Any]
    text: Callable[[Any], str] = str
    numeric: bool = True
    hint: str = ""
    cell: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Table:
    """Rows as one request wants them.

    ``name`` keeps the parameters of several tables on a page apart; ``row_url`` is where a row's name leads.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Any]
    order: str
    search: str
    total: int
    parameters: Mapping[str, str] = field(default_factory=dict)
    row_url: Callable[[Any], str] | None = None

    @classmethod
    def of(
        cls,
        name: str,
        columns: tuple[Column, ...],
        rows: Sequence[Any],
        *,
        order: str,
        parameters: Mapping[str, str],
        row_url: Callable[[Any], str] | None = None,
    ) -> "Table":
        """Return ``rows`` that match the search, in the order that ``parameters`` ask for.

        The first column is the one that is searched. An unknown order means the usual one (``order``; without one
        the rows stand as they come): an old link should still open.
        """
        by_key = {column.key: column for column in columns}
        wanted = parameters.get(f"{name}-sort", order)
        wanted = wanted if wanted.removeprefix("-") in by_key else order
        search = parameters.get(f"{name}-search", "").strip()[:LONGEST_SEARCH]
        first, chosen = columns[0], by_key.get(wanted.removeprefix("-"))
        found = [row for row in rows if search.casefold() in str(first.value(row)).casefold()]
        if chosen:
            found.sort(key=lambda row: _rank(first.value(row)))
            found.sort(key=lambda row: _rank(chosen.value(row)), reverse=wanted.startswith("-"))
        return cls(name, columns, found, wanted, search, len(rows), parameters, row_url)

    def direction(self, column: Column) -> str:
        """Return how the table is sorted by ``column``, in the words of ``aria-sort``."""
        if self.order.removeprefix("-") != column.key:
            return "none"
        return "descending" if self.order.startswith("-") else "ascending"

    def sort_url(self, column: Column) -> str:
        """Return this page sorted by ``column``: figures largest first, a second click turns it round."""
        descending = column.numeric if self.direction(column) == "none" else self.direction(column) == "ascending"
        return self.url(sort=f"-{column.key}" if descending else column.key)

    def url(self, **changes: str) -> str:
        """Return this page with other parameters of this table."""
        merged = dict(self.parameters) | {f"{self.name}-{key}": value for key, value in changes.items()}
        return link(request.endpoint or "", merged)

    def csv(self, filename: str, measured_at: datetime) -> Response:
        """Return the rows as a CSV download, each with the time of its figures."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerow([*(column.key for column in self.columns), "measuredAt"])
        for row in self.rows:
            cells = [_cell((column.cell or column.value)(row)) for column in self.columns]
            writer.writerow([*cells, clock.timestamp(measured_at)])
        response = Response("\ufeff" + buffer.getvalue(), mimetype="text/csv")
        stamped = f"{filename}-{measured_at:%Y%m%dT%H%M%SZ}.csv"
        response.headers.set("Content-Disposition", "attachment", filename=stamped)
        return response


def link(endpoint: str, parameters: Mapping[str, str], **changes: str) -> str:
    """Return the URL of ``endpoint`` with the query ``parameters``, some of them changed.

    They come from the visitor, so they never become arguments of ``url_for``, some of which have a meaning.
    """
    query = urlencode({key: value for key, value in (dict(parameters) | changes).items() if value})
    return url_for(endpoint) + (f"?{query}" if query else "")


def number(key: str, title: str, value: Callable[[Any], float], hint: str = "") -> Column:
    """Return a column of whole numbers."""
    return Column(key, title, value, lambda row: formats.count(value(row)), hint=hint)


def word(key: str, title: str, value: Callable[[Any], str], hint: str = "") -> Column:
    """Return a column of words."""
    return Column(key, title, value, value, numeric=False, hint=hint)


def _rank(value: Any) -> tuple[bool, Any]:
    """Return what ``value`` sorts by: no value comes before every value."""
    return (False, 0) if value is None else (True, value)


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
