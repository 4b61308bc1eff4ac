"""API modules: what the last run of the probes saw of every endpoint."""

from collections.abc import Iterator, Sequence
from typing import Any

from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS, SKIPPED
from mixillo.ops.report import tree
from mixillo.ops.report.checks import Check
from mixillo.ops.report.checks.service import pass_rate
from mixillo.ops.report.evidence import Evidence
from mixillo.ops.report.sections.grading import of_areas, result, state_of
from mixillo.ops.report.tree import Block, Cell, Fact, Facts, Heading, Paragraph, Section, Table, code
from mixillo.ops.report.wording import milliseconds, moment, percent, plural

STATES = {PASS: tree.OK, DEGRADED: tree.DEGRADED, FAIL: tree.DOWN, BLOCKED: tree.UNKNOWN, SKIPPED: tree.UNKNOWN}
WORDS = {
    PASS: "pass",
    DEGRADED: "right but slow",
    FAIL: "fail",
    BLOCKED: "could not be tested",
    SKIPPED: "not tried in production",
}
SCENARIO = "–"


def api_modules(evidence: Evidence, checks: Sequence[Check]) -> Section:
    """Show each module with its endpoints, and the rate over all of them."""
    own = of_areas(checks, "API probes")
    run = evidence.probes
    if run is None:
        blocks: tuple[Block, ...] = (Paragraph("Not measured: run `mixillo probe`.", tree.UNKNOWN),)
        return Section("api-modules", "API modules", blocks, tree.UNKNOWN, "not measured")
    blocks = (
        Facts(tuple(_circumstances(run))),
        *(block for module in run["modules"] for block in _module(module, evidence.probed)),
        Heading("Current test results", *_graded(run)),
        Paragraph(f"{pass_rate(run)} of the endpoints that could be judged pass."),
        _rates(run),
        result(own),
    )
    return Section("api-modules", "API modules", blocks, state_of(own))


def _circumstances(run: dict[str, Any]) -> Iterator[Fact]:
    yield Fact("Probed", code(run["baseUrl"]), f"{moment(run['startedAt'])}, revision {run['revision']}")
    counts = ", ".join(f"{number} {WORDS[state]}" for state, number in run["caseTotals"].items() if number)
    yield Fact("Cases", Cell(counts or "none"), "no token, bad token, user, other user, admin, bad input")
    for note in run["notes"]:
        yield Fact("Note", Cell(note))


def _module(module: dict[str, Any], probed: Sequence[dict[str, Any]]) -> Iterator[Block]:
    yield Heading(f"{module['name'].capitalize()} module", *_graded(module))
    rows = tuple(_row(endpoint) for endpoint in probed if endpoint["module"] == module["name"])
    yield Table(f"{module['name']} endpoints", ("Endpoint", "Method", "Status", "Result", "Notes"), rows)


def _graded(part: dict[str, Any]) -> tuple[str, str]:
    """Return state and word of a module, or of the whole run."""
    if not part["judged"]:
        return tree.UNKNOWN, "nothing could be judged"
    words = f"{part['passing']}/{part['judged']}"
    if part["passing"] == part["judged"]:
        return tree.OK, f"working, {words}"
    return (tree.DEGRADED, f"partially working, {words}") if part["passing"] else (tree.DOWN, f"not working, {words}")


def _row(endpoint: dict[str, Any]) -> tuple[Cell, ...]:
    method, is_operation, path = endpoint["name"].partition(" ")
    has_method = bool(is_operation) and method.isupper()
    return (
        code(path if has_method else endpoint["name"]),
        Cell(method if has_method else SCENARIO),
        Cell(_statuses(endpoint["cases"])),
        Cell(WORDS[endpoint["state"]], STATES[endpoint["state"]]),
        Cell(_notes(endpoint)),
    )


def _statuses(cases: Sequence[dict[str, Any]]) -> str:
    """Return the statuses that came, those of the cases that wanted a success first."""
    wanted = sorted(cases, key=lambda case: not case["expected"].startswith("2"))
    found = dict.fromkeys(str(case["actual"]) for case in wanted if isinstance(case["actual"], int))
    return "/".join(found) or "–"


def _notes(endpoint: dict[str, Any]) -> str:
    """Return why the endpoint does not pass, from its first such case, or how many cases did and how fast."""
    cases = endpoint["cases"]
    odd = next((case for case in cases if case["state"] == endpoint["state"] != PASS), None)
    if odd:
        return f"{odd['name']}: {odd['detail'] or WORDS[odd['state']]}"
    slowest = max((case["ms"] for case in cases if case["ms"] is not None), default=None)
    passed = sum(case["state"] == PASS for case in cases)
    notes = f"{passed} of {plural(len(cases), 'case')}"
    return notes if slowest is None else f"{notes}, at most {milliseconds(slowest)}"


def _rates(run: dict[str, Any]) -> Table:
    rows = [
        (
            Cell(part["name"]),
            Cell(str(part["passing"])),
            Cell(str(part["judged"])),
            Cell(percent(part["passing"] / part["judged"] if part["judged"] else None), _graded(part)[0]),
            Cell(str(part["totals"][BLOCKED] + part["totals"][SKIPPED])),
        )
        for part in (*run["modules"], run | {"name": "All"})
    ]
    headings = ("Module", "Passing", "Judged", "Rate", "Not judged")
    return Table("Pass rates by module", headings, tuple(rows), numeric=(1, 2, 3, 4))
