"""Checks of the service: probes, errors, latencies, uptime."""

import shlex
from collections.abc import Iterator

from mixillo.ops.metrics import TARGETED, Figures
from mixillo.ops.metrics.groups import ERROR_TARGET, MINIMUM_REQUESTS, Group
from mixillo.ops.probes.model import FAIL
from mixillo.ops.report.checks.model import (
    IMMEDIATE,
    MINIMUM_COVERAGE,
    MONTH,
    UPTIME_TARGET,
    WEEK,
    Check,
    Finding,
    met,
    unmeasured,
)
from mixillo.ops.report.evidence import Evidence
from mixillo.ops.report.tree import DEGRADED, DOWN, UNKNOWN
from mixillo.ops.report.wording import INSUFFICIENT, count, milliseconds, moment, percent, plural

SHOWN = 5


def probes(evidence: Evidence) -> Check:
    """Hold the last run of the probes against every judged endpoint passing."""
    run = evidence.probes
    if run is None:
        return unmeasured("API probes", "mixillo probe")
    measured = f"{pass_rate(run)} on {moment(run['startedAt'])}, revision {run['revision']}"
    if not run["judged"]:
        return unmeasured("API probes", "mixillo probe", f"{measured}: nothing could be judged", word=INSUFFICIENT)
    failing = [endpoint["name"] for endpoint in evidence.probed if endpoint["state"] == FAIL]
    if run["passing"] == run["judged"]:
        return met("API probes", measured, "all pass")
    shown = ", ".join(failing[:SHOWN]) + (f" and {len(failing) - SHOWN} more" if len(failing) > SHOWN else "")
    finding = Finding(
        title=f"{plural(run['judged'] - run['passing'], 'endpoint')} fail their probes",
        priority=IMMEDIATE,
        measured=f"{measured}: {shown}",
        impact="Clients meet a wrong status, a wrong answer or none.",
        action="See which case expected what, and repair it.",
        command="mixillo probe",
    )
    return Check(
        "API probes", DOWN if run["passing"] * 2 < run["judged"] else DEGRADED, "failing", measured, (finding,)
    )


def pass_rate(run: dict[str, int]) -> str:
    """Return the result as the stabilization report writes it: ``7/18 (38.89 %)``."""
    share = run["passing"] / run["judged"] if run["judged"] else None
    return f"{run['passing']}/{run['judged']} ({percent(share)})"


def errors(evidence: Evidence) -> Check:
    """Hold the share of 5xx against its target."""
    figures, area = evidence.requests, "Error rate"
    measured = f"{percent(figures.error_rate)} of {plural(figures.requests, 'request')} in {evidence.period}"
    if figures.error_rate is None or figures.requests < MINIMUM_REQUESTS:
        return Check(area, UNKNOWN, INSUFFICIENT, f"{plural(figures.requests, 'request')} in {evidence.period}")
    if figures.error_rate < ERROR_TARGET:
        return met(area, f"{measured}, target below {percent(ERROR_TARGET)}")
    revision = evidence.running["revision"] if evidence.running else ""
    finding = Finding(
        title="The error rate is over its target",
        priority=IMMEDIATE,
        measured=f"{measured}, target below {percent(ERROR_TARGET)}",
        impact=f"{count(figures.errors)} requests failed by our fault.",
        action="See which routes fail (page Endpoints), and whether the revision did it.",
        command=f"mixillo revisions compare {shlex.quote(revision)}" if revision else "mixillo revisions list",
    )
    return Check(area, DOWN, "over target", finding.measured, (finding,))


def latency(evidence: Evidence) -> Check:
    """Hold the p95 of the four groups against their targets."""
    judged = {g: f for g in TARGETED if (f := evidence.groups[g.name]).requests >= MINIMUM_REQUESTS}
    measured = f"{len(judged)} of {len(TARGETED)} groups had {MINIMUM_REQUESTS} requests or more in {evidence.period}"
    if not judged:
        return Check("Response times", UNKNOWN, INSUFFICIENT, measured)
    late = tuple(_late(judged, evidence.period))
    if late:
        return Check("Response times", DEGRADED, "over target", f"{len(late)} over target; {measured}", late)
    return met("Response times", f"{len(judged)} under target; {measured}")


def _late(judged: dict[Group, Figures], period: str) -> Iterator[Finding]:
    for group, figures in judged.items():
        if figures.meets_target is False:
            yield Finding(
                title=f"{group.title}: p95 over its target",
                priority=WEEK,
                measured=f"p95 {milliseconds(figures.p95)} of {plural(figures.requests, 'request')} in {period}, "
                f"target below {milliseconds(figures.target)}; {percent(figures.under_target)} were under it",
                impact="People wait.",
                action="Look at the slow samples (page Endpoints) and at the slow queries behind them.",
                command="mixillo db slow --explain",
            )


def uptime(evidence: Evidence) -> Check:
    """Hold the uptime of 30 days against its target; without an external checker part of it stays unknown."""
    window = evidence.uptimes["30d"]
    measured = f"{percent(window.share)} in 30d, {percent(window.coverage)} of the time is known"
    checker = () if evidence.settings.checker_secret else (_unwatched(),)
    if window.share is None or (window.coverage or 0.0) < MINIMUM_COVERAGE:
        return Check("Uptime", UNKNOWN, INSUFFICIENT, measured, checker)
    if window.share >= UPTIME_TARGET:
        return Check(**vars(met("Uptime", measured, "up")) | {"findings": checker})
    finding = Finding(
        title=f"Uptime is below {percent(UPTIME_TARGET)}",
        priority=WEEK,
        measured=f"{measured}, {plural(len(window.incidents), 'incident')}",
        impact=f"Nobody got in for {count(window.minutes['down'])} minutes.",
        action="Look at the incidents and their causes.",
        command="mixillo uptime show",
    )
    return Check("Uptime", DEGRADED, "below target", measured, (finding, *checker))


def _unwatched() -> Finding:
    return Finding(
        title="Nobody watches from outside",
        priority=MONTH,
        measured="MIXILLO_CHECKER_SECRET is not set, so no external check is accepted",
        impact="A service that cannot be reached leaves no trace of its own: the time is unknown, not down.",
        action="Let a checker outside post what it sees (docs/operations.md, External checkers).",
        command="export MIXILLO_CHECKER_SECRET=$(openssl rand -hex 32)",
    )
