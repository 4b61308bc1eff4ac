"""Index health: the last verdicts, those to look at first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.statuses import status
from mixillo.blueprints.dashboard.tables import Column, Table, word
from mixillo.ops import indexes
from mixillo.ops.indexes.verdicts import DUPLICATE, KEEP, MISSING, PREFIX, UNUSED

Row = dict[str, Any]
# The worst first: what slows everybody down, then what every write pays for, the surest first.
WORST_FIRST = (MISSING, DUPLICATE, PREFIX, UNUSED, KEEP)
REMARKABLE, ALL = "remarkable", "all"
CHOICES = {REMARKABLE: "To look at", **{verdict: verdict.capitalize() for verdict in WORST_FIRST}, ALL: "All"}
UNKNOWN = "—"


@dataclass(frozen=True)
class Health:
    """The verdicts that were chosen, and how many there are of each; ``at`` is when the indexes were judged."""

    at: datetime
    chosen: str
    shown: Sequence[Row]
    counts: Mapping[str, int]


def health(ops: Database, parameters: Mapping[str, str]) -> Health | None:
    """Return the verdicts that the URL asks for by ``verdict``, ``None`` before the first audit."""
    last = indexes.latest(ops)
    if last is None:
        return None
    chosen = parameters.get("verdict", REMARKABLE)
    chosen = chosen if chosen in CHOICES else REMARKABLE
    rows = sorted(last["verdicts"], key=lambda row: (_rank(row), -row["sizeBytes"], _name(row)))
    counts = Counter(row["verdict"] for row in rows)
    counts[REMARKABLE], counts[ALL] = sum(map(_is_remarkable, rows)), len(rows)
    return Health(last["at"], chosen, [row for row in rows if _is_wanted(row, chosen)], counts)


def table(rows: Sequence[Row], parameters: Mapping[str, str]) -> Table:
    """Return indexes as the request wants them, the worst first unless it says."""
    return Table.of("indexes", COLUMNS, rows, order="", parameters=parameters)


def _is_wanted(row: Row, chosen: str) -> bool:
    return chosen in (ALL, row["verdict"]) or (chosen == REMARKABLE and _is_remarkable(row))


def _is_remarkable(row: Row) -> bool:
    """Return whether there is something to do: what is hidden waits for being dropped or shown again."""
    return row["verdict"] != KEEP or row["hidden"]


def _rank(row: Row) -> float:
    return WORST_FIRST.index(row["verdict"]) - (0.5 if row["hidden"] else 0.0)


def _name(row: Row) -> str:
    return f"{row['collection']}/{row['name']}"


def _verdict(row: Row) -> str:
    if row["hidden"]:
        return status("neutral", f"{row['verdict']}, hidden")
    return status("ok" if row["verdict"] == KEEP else "degraded", row["verdict"])


def _keys(row: Row) -> str:
    return ", ".join(f"{field}: {kind}" for field, kind in row["keys"])


def _days(row: Row) -> str:
    return UNKNOWN if row["observedDays"] is None else f"{row['observedDays']:.1f}{formats.GAP}d"


COLUMNS = (
    word("index", "Index", _name),
    Column("verdict", "Verdict", _rank, _verdict, numeric=False, cell=lambda row: row["verdict"]),
    word("reason", "Reason", lambda row: row["reason"]),
    Column(
        "uses", "Uses", lambda row: row["uses"],
        lambda row: UNKNOWN if row["uses"] is None else formats.count(row["uses"]),
        hint="Operations that used it since it is observed, over restarts and servers",
    ),
    Column(
        "observedDays", "Without a use", lambda row: row["observedDays"], _days,
        hint="For how long it has been observed without a use",
    ),
    Column(
        "sizeBytes", "Size (KB)", lambda row: row["sizeBytes"],
        lambda row: formats.kilobytes(row["sizeBytes"]) if row["sizeBytes"] else UNKNOWN, hint="On the disk",
    ),
    word("confidence", "Sure", lambda row: row["confidence"], "How sure the verdict is"),
    word("keys", "Keys", _keys),
    Column(
        "command", "What to type", lambda row: row["command"] or "",
        lambda row: Markup("<code>{}</code>").format(row["command"]) if row["command"] else "", numeric=False,
        hint="Hide an index for a day before you drop it; both can be taken back",
    ),
)  # fmt: skip
