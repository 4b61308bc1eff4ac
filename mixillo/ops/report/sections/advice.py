"""What is wrong and what to do: critical findings in full, recommendations in the order of their urgency."""

from collections.abc import Iterator, Sequence

from mixillo.ops.report.checks import Check, Finding, findings
from mixillo.ops.report.checks.model import IMMEDIATE, MONTH, WEEK
from mixillo.ops.report.evidence import Evidence
from mixillo.ops.report.tree import (
    DEGRADED,
    DOWN,
    OK,
    Block,
    Cell,
    Fact,
    Facts,
    Heading,
    Paragraph,
    Section,
    Table,
    code,
)
from mixillo.ops.report.wording import plural

CRITICAL = (IMMEDIATE, WEEK)
STATES = {IMMEDIATE: DOWN, WEEK: DEGRADED}
LEVELS = {IMMEDIATE: "HIGH", WEEK: "MEDIUM", MONTH: "LOW"}
TITLES = {
    IMMEDIATE: "Immediate actions required",
    WEEK: "Short-term improvements (next 7 days)",
    MONTH: "Long-term enhancements (next 30 days)",
}


def critical_findings(_evidence: Evidence, checks: Sequence[Check]) -> Section:
    """Tell of each finding of the first two priorities what was measured, why it matters, and how to end it."""
    known = [check for check in checks if check.word != "not measured"]
    found = [finding for finding in findings(known) if finding.priority in CRITICAL]
    blocks = tuple(block for number, finding in enumerate(found, 1) for block in _finding(number, finding))
    title, identity = "Critical findings", "critical-findings"
    if not blocks:
        return Section(identity, title, (Paragraph("There are none.", OK),), OK, "none")
    state = DOWN if any(finding.priority == IMMEDIATE for finding in found) else DEGRADED
    return Section(identity, title, blocks, state, plural(len(found), "finding"))


def recommendations(_evidence: Evidence, checks: Sequence[Check]) -> Section:
    """List every finding with its command, by how long it may wait."""
    found = findings(list(checks))
    blocks: list[Block] = []
    for priority, title in TITLES.items():
        rows = tuple(
            (Cell(str(number)), Cell(finding.title), Cell(finding.action), code(finding.command))
            for number, finding in enumerate([each for each in found if each.priority == priority], 1)
        )
        blocks.append(Heading(title))
        blocks.append(
            Table(title, ("No.", "Recommendation", "Action", "Command"), rows) if rows else Paragraph("None.", OK)
        )
    return Section("recommendations", "Recommendations", tuple(blocks))


def _finding(number: int, finding: Finding) -> Iterator[Block]:
    yield Heading(f"Issue {number}: {finding.title}", STATES[finding.priority], LEVELS[finding.priority])
    yield Facts(
        (
            Fact("Measured", Cell(finding.measured)),
            Fact("Impact", Cell(finding.impact)),
            Fact("Fix required", Cell(finding.action)),
            Fact("Command", code(finding.command)),
            Fact("Priority", Cell(f"{LEVELS[finding.priority]}, {finding.priority}")),
        )
    )
