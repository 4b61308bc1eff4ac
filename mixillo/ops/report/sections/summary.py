"""Executive summary and conclusion: how it stands, in a paragraph and a table."""

from collections.abc import Sequence

from mixillo.ops.report.checks import Check, findings
from mixillo.ops.report.checks.model import IMMEDIATE
from mixillo.ops.report.evidence import Evidence
from mixillo.ops.report.sections.grading import in_words, state_of
from mixillo.ops.report.tree import (
    DEGRADED,
    DOWN,
    OK,
    UNKNOWN,
    Block,
    Cell,
    Fact,
    Facts,
    Heading,
    Items,
    Paragraph,
    Section,
    Table,
    code,
)
from mixillo.ops.report.wording import count, kilobytes, plural

WORDS = {OK: "Stable", DEGRADED: "Needs attention", DOWN: "Critical", UNKNOWN: "Not measured"}
CHANGES_SHOWN = 6


def sentence(checks: Sequence[Check]) -> str:
    """Return the state of everything in one sentence."""
    urgent = sum(finding.priority == IMMEDIATE for finding in findings(list(checks)))
    words = f"{WORDS[state_of(checks)]} ({in_words(checks)})"
    return f"{words}; {plural(urgent, 'action')} required now." if urgent else f"{words}; nothing is urgent."


def executive_summary(evidence: Evidence, checks: Sequence[Check]) -> Section:
    """Say how it stands, what the database holds, what changed, and what each check found."""
    stats = evidence.stats
    holds = (
        f"{plural(len(stats.collections), 'collection')} with {plural(stats.documents, 'document')}, "
        f"{kilobytes(stats.size_bytes)} KB, {plural(stats.indexes, 'index')}"
    )
    rows = tuple((Cell(c.area), Cell(c.word, c.state), Cell(c.measured)) for c in checks)
    blocks: list[Block] = [
        Paragraph(f"Mission status: {sentence(checks)}", state_of(checks)),
        Facts(
            (
                Fact("Database health", Cell(holds)),
                Fact("Data integrity", Cell(_issues(evidence))),
            )
        ),
        Table("What was checked", ("Area", "Status", "Measured"), rows),
    ]
    if changes := _changes(evidence):
        revision = evidence.running["revision"] if evidence.running else ""
        blocks += [Heading(f"Changes in revision {revision}"), Items(tuple(Cell(change) for change in changes))]
    return Section("executive-summary", "Executive summary", tuple(blocks), state_of(checks), WORDS[state_of(checks)])


def conclusion(_evidence: Evidence, checks: Sequence[Check]) -> Section:
    """Say it once more, with the next step."""
    todo = findings(list(checks))
    blocks: list[Block] = [Paragraph(f"System status: {sentence(checks)}", state_of(checks))]
    if todo:
        first = todo[0]
        step = Fact("Next step", Cell(f"{first.title}. {first.action}"))
        blocks.append(Facts((step, Fact("Command", code(first.command)))))
    else:
        blocks.append(Paragraph("There is nothing to do."))
    return Section("conclusion", "Conclusion", tuple(blocks), state_of(checks), WORDS[state_of(checks)])


def _issues(evidence: Evidence) -> str:
    if evidence.scan is None:
        return "not measured: run `mixillo integrity scan`"
    issues = evidence.scan["issues"]
    return "no issues" if not issues else f"{count(issues)} references lead nowhere"


def _changes(evidence: Evidence) -> list[str]:
    """Return the first changes that the changelog lists for the running revision, each in one line."""
    text = (evidence.running or {}).get("changes") or ""
    found = [" ".join(part.split()) for part in f"\n{text}".split("\n- ")[1:]] or [text.strip()] * bool(text.strip())
    rest = len(found) - CHANGES_SHOWN
    return found[:CHANGES_SHOWN] + ([f"and {plural(rest, 'more change')}"] if rest > 0 else [])
