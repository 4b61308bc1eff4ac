"""Deploy logs from elsewhere: JSON lines, CSV, or a Markdown table like the stabilization report's.

Each row has ``revision``, ``date``, ``changes`` and ``status``.
"""

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from pymongo import UpdateOne
from pymongo.database import Database

from mixillo.ops.revisions.records import COLLECTION, IMPORTED

COLUMNS = ("revision", "date", "changes", "status")
STATUSES = ("deployed", "deploying", "failed", "rolled back")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
DATES_WITHOUT_YEAR = ("%b %d", "%B %d", "%d %b", "%d %B")
DATES = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")
DATES_HELP = "write it like 2025-11-14, 2025-11-14T09:30:00Z or Nov 14, 2025"


@dataclass(frozen=True)
class Row:
    """One deployment: when which revision with which changes, and how that went."""

    revision: str
    date: datetime
    changes: str
    status: str


class DeployLogError(Exception):
    """The log cannot be read; ``problems`` has a sentence for each line that is at fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def parse(text: str, *, year: int | None = None) -> list[Row]:
    """Return the rows of a deploy log in any of the three forms; ``year`` completes dates like ``Nov 14``.

    :raises DeployLogError: with a sentence for each faulty line; a log is taken whole or not at all.
    """
    rows, problems = [], []
    for number, fields in _lines(text):
        try:
            rows.append(_row(fields, year))
        except ValueError as error:
            problems.append(f"Line {number}: {error}.")
    if problems:
        raise DeployLogError(problems)
    if not rows:
        raise DeployLogError([f"There are no deployments in it; a row has {', '.join(COLUMNS)}."])
    return rows


def import_rows(ops: Database, rows: list[Row]) -> int:
    """Add ``rows`` to the revisions, and return how many were new.

    What a revision recorded about itself stays; importing a log again changes what the log says differently now.
    """
    result = ops[COLLECTION].bulk_write(
        [
            UpdateOne(
                {"_id": row.revision},
                [
                    {
                        "$set": {
                            "status": row.status,
                            "source": {"$ifNull": ["$source", IMPORTED]},
                            "firstSeenAt": {
                                "$cond": [{"$eq": ["$source", "running"]}, "$firstSeenAt", {"$literal": row.date}]
                            },
                            "changes": {
                                "$cond": [{"$eq": ["$source", "running"]}, "$changes", {"$literal": row.changes}]
                            },
                        }
                    }
                ],
                upsert=True,
            )
            for row in rows
        ]
    )
    return result.upserted_count


def _lines(text: str) -> list[tuple[int, dict[str, Any] | str]]:
    """Return the number and the fields of each row, or what is wrong with its form."""
    first = text.lstrip()[:1]
    if first == "{":
        return [(number, _json(line)) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if re.search(r"^\s*\|", text, re.M):
        return _table(text)
    reader = csv.reader(io.StringIO(text))
    cells = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    return _under_header(cells)


def _json(line: str) -> dict[str, Any] | str:
    try:
        value = orjson.loads(line)
    except ValueError:
        return "it is not JSON"
    return value if isinstance(value, dict) else "it is not an object"


def _table(text: str) -> list[tuple[int, dict[str, Any] | str]]:
    cells = [
        (number, [cell.strip() for cell in line.strip().strip("|").split("|")])
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip().startswith("|")
    ]
    return _under_header([(number, row) for number, row in cells if not all(re.fullmatch(r":?-+:?", c) for c in row)])


def _under_header(cells: list[tuple[int, list[str]]]) -> list[tuple[int, dict[str, Any] | str]]:
    """Name the cells of each row by the first row, which must name all four columns, in any order."""
    if not cells:
        return []
    number, header = cells[0][0], [name.strip().lower() for name in cells[0][1]]
    if missing := [column for column in COLUMNS if column not in header]:
        return [(number, f"the header lacks {', '.join(missing)}")]
    return [
        (line, dict(zip(header, row, strict=True)) if len(row) == len(header) else f"it has not {len(header)} cells")
        for line, row in cells[1:]
    ]


def _row(fields: dict[str, Any] | str, year: int | None) -> Row:
    if isinstance(fields, str):
        raise ValueError(fields)
    values = {column: fields.get(column) for column in COLUMNS}
    if wrong := [column for column, value in values.items() if not isinstance(value, str) or not value.strip()]:
        raise ValueError(f"{' and '.join(wrong)} must be there, as text")
    text = {column: str(value).strip() for column, value in values.items()}
    if not NAME.fullmatch(text["revision"]):
        raise ValueError(f"{text['revision']!r} is not the name of a revision")
    return Row(text["revision"], _date(text["date"], year), text["changes"][:2_000], _status(text["status"]))


def _status(text: str) -> str:
    """Return the status in its plain form: the report decorates it with a sign."""
    plain = re.sub(r"[^a-z ]", "", text.lower()).strip()
    if plain not in STATUSES:
        raise ValueError(f"the status {text!r} is none of {', '.join(STATUSES)}")
    return plain


def _date(text: str, year: int | None) -> datetime:
    """Return the moment, midnight UTC when only a day is given."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        pass
    for form in DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return _date_without_year(text, year)


def _date_without_year(text: str, year: int | None) -> datetime:
    for form in DATES_WITHOUT_YEAR:
        try:
            moment = datetime.strptime(f"{text} {year or 2000}", f"{form} %Y").replace(tzinfo=UTC)
        except ValueError:
            continue
        if year is None:
            raise ValueError(f"the date {text!r} has no year; say which with --year")
        return moment
    raise ValueError(f"the date {text!r} cannot be read; {DATES_HELP}")
