"""The tables of the Probes page: modules, cases, runs, revisions."""

from collections.abc import Mapping, Sequence

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.queries.probes import seconds
from mixillo.blueprints.dashboard.tables import Column, Table, link, number, word
from mixillo.core import clock
from mixillo.ops.probes.history import Stored
from mixillo.ops.probes.model import STATES

PAGE = "dashboard.probes"
EVERYTHING = "everything"


# Sorts what could not be judged behind what is perfect.
UNJUDGED = 101.0
RATE = Column(
    "rate", "Pass rate", lambda found: UNJUDGED if found["rate"] is None else found["rate"], formats.pass_rate,
    hint="Passing endpoints, degraded ones included, of those that could be judged", cell=lambda found: found["rate"],
)  # fmt: skip
COUNTS = tuple(
    number(state, state.capitalize(), lambda found, state=state: found["totals"][state])  # type: ignore[misc]
    for state in STATES
)
MODULES = (word("module", "Module", lambda m: m["name"]), RATE, *COUNTS)
CASES = (
    word("endpoint", "Endpoint", lambda c: c["endpoint"]),
    word("module", "Module", lambda c: c["module"]),
    word("case", "Case", lambda c: c["name"]),
    word("state", "State", lambda c: c["state"]),
    word("expected", "Expected", lambda c: c["expected"]),
    word("actual", "Actual", lambda c: "" if c["actual"] is None else str(c["actual"])),
    Column("ms", "ms", lambda c: "" if c["ms"] is None else c["ms"]),
    Column("targetMs", "Target", lambda c: "" if c["targetMs"] is None else c["targetMs"]),
    word("why", "Why", lambda c: c["detail"]),
    word("requestId", "Request", lambda c: c["requestId"] or ""),
    word("url", "URL", lambda c: c["url"]),
)
RUNS = (
    Column(
        "startedAt", "Started (UTC)", lambda r: clock.timestamp(r["startedAt"]),
        lambda r: f"{r['startedAt']:%Y-%m-%d %H:%M}", numeric=False,
    ),
    word("revision", "Revision", lambda r: r["revision"]),
    word("module", "Module", lambda r: r["module"] or EVERYTHING),
    RATE,
    *COUNTS,
    Column("seconds", "Took", seconds, lambda r: formats.duration(seconds(r))),
    word("environment", "Environment", lambda r: r["environment"]),
    word("baseUrl", "Server", lambda r: r["baseUrl"]),
)  # fmt: skip
REVISIONS = (
    word("revision", "Revision", lambda r: r["revision"]),
    word("version", "Version", lambda r: r["version"]),
    RATE,
    Column(
        "lowestRate", "Lowest", lambda r: UNJUDGED if r["lowestRate"] is None else r["lowestRate"],
        lambda r: "–" if r["lowestRate"] is None else f"{r['lowestRate']:.2f}{formats.GAP}%",
        hint="The pass rate of its worst run", cell=lambda r: r["lowestRate"],
    ),
    number("runs", "Runs", lambda r: r["runs"]),
    Column("lastAt", "Last run", lambda r: clock.timestamp(r["lastAt"]), lambda r: formats.moment(r["lastAt"]), False),
)  # fmt: skip


def modules(run: Stored, parameters: Mapping[str, str]) -> Table:
    """Return the modules of a run; each leads to its endpoints."""
    return Table.of(
        "modules", MODULES, run["modules"], order="rate", parameters=parameters,
        row_url=lambda m: link(PAGE, parameters, module=m["name"], state="", page="") + "#probe_results",
    )  # fmt: skip


def cases(found: Sequence[Stored], parameters: Mapping[str, str]) -> Table:
    """Return the cases of a run, for the CSV."""
    return Table("cases", CASES, found, "", "", len(found), parameters)


def runs(found: Sequence[Stored], parameters: Mapping[str, str]) -> Table:
    """Return the runs of before; each leads to what it found."""
    return Table.of(
        "runs", RUNS, found, order="-startedAt", parameters=parameters,
        row_url=lambda r: link(PAGE, {}, run=str(r["_id"])),
    )  # fmt: skip


def revisions(found: Sequence[Stored], parameters: Mapping[str, str]) -> Table:
    """Return the revisions with the figures of their last run."""
    return Table.of("revisions", REVISIONS, found, order="-lastAt", parameters=parameters)
