"""System health: uptime with its coverage, p95 against the targets, the error rate before and after."""

from collections.abc import Callable, Iterator, Sequence

from mixillo.ops.comparisons import BETTER, INSUFFICIENT, WORSE, Change
from mixillo.ops.metrics import TARGETED, Figures
from mixillo.ops.metrics.groups import ERROR_TARGET, MINIMUM_REQUESTS
from mixillo.ops.report.checks import Check
from mixillo.ops.report.evidence import Evidence
from mixillo.ops.report.sections.grading import of_areas, result, state_of
from mixillo.ops.report.tree import (
    DEGRADED,
    DOWN,
    NONE,
    OK,
    UNKNOWN,
    Block,
    Cell,
    Fact,
    Facts,
    Heading,
    Paragraph,
    Section,
    Table,
)
from mixillo.ops.report.wording import count, length, milliseconds, moment, percent, plural
from mixillo.ops.uptime import Uptime

AREAS = ("Error rate", "Response times", "Uptime")
VERDICTS = {BETTER: OK, WORSE: DOWN}


def system_health(evidence: Evidence, checks: Sequence[Check]) -> Section:
    """Show uptime, response times and error rate, each with window and sample."""
    own = of_areas(checks, *AREAS)
    blocks: list[Block] = [
        Heading("Uptime"),
        Table(
            "Uptime",
            ("Window", "Uptime", "Coverage", "Down", "Incidents"),
            tuple(_uptime(name, window) for name, window in evidence.uptimes.items()),
            numeric=(1, 2, 3, 4),
        ),
        Heading("Response times (p95)"),
        Table(
            f"p95 in the last {evidence.period}",
            ("Endpoints", "Target", "p95", "Under target", "Requests", "Verdict"),
            tuple(_latency(group.title, evidence.groups[group.name]) for group in TARGETED),
            numeric=(1, 2, 3, 4),
        ),
        Heading("Error rate"),
        *_errors(evidence),
        result(own),
    ]
    return Section("system-health", "System health metrics", tuple(blocks), state_of(own))


def _uptime(name: str, window: Uptime) -> tuple[Cell, ...]:
    share = Cell(percent(window.share, "unknown"), UNKNOWN if window.share is None else NONE)
    down = f"{window.minutes['down']} min"
    return Cell(f"Last {name}"), share, Cell(percent(window.coverage)), Cell(down), Cell(count(len(window.incidents)))


def _latency(title: str, figures: Figures) -> tuple[Cell, ...]:
    target = f"< {milliseconds(figures.target)}"
    return (
        Cell(title),
        Cell(target),
        Cell(milliseconds(figures.p95)),
        Cell(percent(figures.under_target)),
        Cell(count(figures.requests)),
        _verdict(figures),
    )


def _verdict(figures: Figures) -> Cell:
    if figures.requests < MINIMUM_REQUESTS:
        return Cell(INSUFFICIENT, UNKNOWN)
    return Cell("met", OK) if figures.meets_target else Cell("over target", DEGRADED)


def _errors(evidence: Evidence) -> Iterator[Block]:
    figures = evidence.requests
    window = f"{moment(figures.since)} to {moment(figures.until)}"
    yield Facts(
        (
            Fact("Server errors (5xx)", Cell(percent(figures.error_rate)), _of(figures, 5)),
            Fact("Client errors (4xx)", Cell(percent(figures.client_error_rate)), _of(figures, 4)),
            Fact("Redirections (3xx)", Cell(percent(_share(figures, 3))), _of(figures, 3)),
            Fact("Target", Cell(f"below {percent(ERROR_TARGET)} of 5xx")),
            Fact("Window", Cell(window)),
        )
    )
    compared = evidence.comparison
    if compared is None:
        yield Paragraph("Before and after: insufficient data, no revision has recorded itself.", UNKNOWN)
        return
    yield Table(
        f"Revision {compared.revision} against what ran before it",
        ("Figure", "Before", "After", "Target", "Samples", "Verdict"),
        (
            _change("Error rate", compared.error_rate, percent, f"< {percent(ERROR_TARGET)}"),
            _change("p95", compared.p95, milliseconds, "by group"),
            _change("Probes passing", compared.pass_rate, percent, percent(1.0)),
        ),
        numeric=(1, 2, 3),
    )
    yield Paragraph(f"{length(compared.length)} before and after {moment(compared.at)}.")


def _change(name: str, change: Change, written: Callable[[float | None], str], target: str) -> tuple[Cell, ...]:
    return (
        Cell(name),
        Cell(written(change.before)),
        Cell(written(change.after)),
        Cell(target),
        Cell(f"{count(change.before_samples)} → {count(change.after_samples)}"),
        Cell(change.verdict, UNKNOWN if change.verdict == INSUFFICIENT else VERDICTS.get(change.verdict, OK)),
    )


def _of(figures: Figures, status_class: int) -> str:
    return f"{count(figures.classes[status_class])} of {plural(figures.requests, 'request')}"


def _share(figures: Figures, status_class: int) -> float | None:
    return figures.classes[status_class] / figures.requests if figures.requests else None
