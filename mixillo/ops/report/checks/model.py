"""A check: one thing held against what it should be, and what to do when it is not."""

from dataclasses import dataclass

from mixillo.ops.report.tree import OK, UNKNOWN

IMMEDIATE, WEEK, MONTH = "immediate", "next 7 days", "next 30 days"
PRIORITIES = (IMMEDIATE, WEEK, MONTH)
UPTIME_TARGET = 0.999
# With less of the time known than this, an uptime says nothing about the rest.
MINIMUM_COVERAGE = 0.5


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    ``measured`` has the figure with its sample, ``impact`` says why it matters, ``command`` is what to type.
    """

    title: str
    priority: str
    measured: str
    impact: str
    action: str
    command: str


@dataclass(frozen=True)
class Check:
    """One area: its state, the word for it, what was measured, and what to do."""

    area: str
    state: str
    word: str
    measured: str
    findings: tuple[Finding, ...] = ()


def met(area: str, measured: str, word: str = "met") -> Check:
    """Return a check that is as it should be."""
    return Check(area, OK, word, measured)


def unmeasured(area: str, command: str, measured: str = "", *, word: str = "not measured") -> Check:
    """Return a check that nothing can be said about until ``command`` has run."""
    finding = Finding(
        title=f"{area}: {word}",
        priority=WEEK,
        measured=measured or f"not measured: run `{command}`",
        impact="Nothing is known about it.",
        action="Measure it.",
        command=command,
    )
    return Check(area, UNKNOWN, word, finding.measured, (finding,))
