"""Deployment history: what ran since when, and what it did to the error rate."""

from collections.abc import Sequence
from typing import Any

from mixillo.ops.comparisons import INSUFFICIENT, Change, Comparison
from mixillo.ops.report.checks import Check
from mixillo.ops.report.evidence import REVISIONS, Evidence
from mixillo.ops.report.tree import DOWN, NONE, OK, UNKNOWN, Cell, Paragraph, Section, Table, code
from mixillo.ops.report.wording import moment, percent

LONGEST_CHANGE = 160
IMPORTED = "from a deploy log, nothing was measured here"
STATES = {"deployed": OK, "running": OK, "failed": DOWN}


def deployment_history(evidence: Evidence, _checks: Sequence[Check]) -> Section:
    """List the revisions, the latest first."""
    title, identity = "Deployment history", "deployment-history"
    if not evidence.revisions:
        words = "Not measured: the server records its revision with its first counts; run `mixillo serve`."
        return Section(identity, title, (Paragraph(words, UNKNOWN),))
    rows = tuple(_row(entry, evidence) for entry in evidence.revisions)
    headings = ("Revision", "Date", "Changes", "Status", "Error rate before → after")
    table = Table(f"The latest {REVISIONS} revisions at most", headings, rows)
    return Section(identity, title, (table,))


def _row(entry: dict[str, Any], evidence: Evidence) -> tuple[Cell, ...]:
    running = evidence.running is not None and entry["revision"] == evidence.running["revision"]
    status = entry["status"] or ("running" if running else "replaced")
    first, _, _ = (entry["changes"] or "").partition("\n- ")
    changes = " ".join(first.removeprefix("- ").split()) or "not recorded"
    return (
        code(entry["revision"]),
        Cell(moment(entry["firstSeenAt"])),
        Cell(changes if len(changes) <= LONGEST_CHANGE else f"{changes[:LONGEST_CHANGE]}…"),
        Cell(status, STATES.get(status, NONE)),
        Cell(_effect(evidence.comparisons.get(entry["revision"]))),
    )


def _effect(comparison: Comparison | None) -> str:
    return IMPORTED if comparison is None else effect_in_words(comparison.error_rate)


def effect_in_words(change: Change) -> str:
    """Return ``15.20 % → 4.80 %, better``, or that there are too few samples, with their numbers."""
    samples = f"{change.before_samples:,} → {change.after_samples:,} requests"
    if change.verdict == INSUFFICIENT:
        return f"{INSUFFICIENT} ({samples})"
    return f"{percent(change.before)} → {percent(change.after)}, {change.verdict} ({samples})"
