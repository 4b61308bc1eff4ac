"""The Uptime page: windows, incidents and heartbeats."""

from collections.abc import Mapping
from dataclasses import dataclass

from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.tables import Column, Table
from mixillo.ops.uptime import Incident, Uptime, uptime

WINDOWS = ("24h", "7d", "30d")
LATEST_FIRST = "-start"
CAUSES = {
    "unreachable": "Checks failed and no instance left a heartbeat",
    "checks_failing": "Instances ran, but checks failed",
    "server_errors": "Most answers were server errors",
}
COLUMNS = (
    Column("start", "Began", lambda i: i.start.isoformat(), lambda i: formats.moment(i.start), numeric=False),
    Column("minutes", "Lasted", lambda i: i.minutes, lambda i: formats.duration(i.minutes * 60.0)),
    Column(
        "end",
        "Ended",
        lambda i: i.end.isoformat() if i.end else "",
        lambda i: formats.moment(i.end) if i.end else "still going on",
        numeric=False,
    ),
    Column("cause", "Cause", lambda i: i.cause, lambda i: CAUSES.get(i.cause, i.cause), numeric=False),
    Column("detail", "Detail", lambda i: i.detail or "", lambda i: i.detail or "", numeric=False),
)


@dataclass(frozen=True)
class Windows:
    """The uptime of each window by its name; the longest one has all the incidents."""

    by_name: Mapping[str, Uptime]

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """The incidents of the longest window, the latest first."""
        return self.by_name[WINDOWS[-1]].incidents


def windows(ops: Database) -> Windows:
    """Return the uptime of the last 24 hours, 7 days and 30 days."""
    return Windows({name: uptime(ops, name) for name in WINDOWS})


def table(incidents: tuple[Incident, ...], parameters: Mapping[str, str]) -> Table:
    """Return the incidents as the request wants them, the latest first unless it says."""
    return Table.of("incidents", COLUMNS, incidents, order=LATEST_FIRST, parameters=parameters)


def share(value: float | None) -> str:
    """Return an uptime as people state it, with the digits that matter: ``99.87 %``; unknown is not up."""
    return "unknown" if value is None else f"{value * 100:.2f}{formats.GAP}%"
