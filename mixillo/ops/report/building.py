"""Building the report: evidence, checks, sections."""

from pymongo.database import Database

from mixillo.config import Settings
from mixillo.ops import revisions
from mixillo.ops.report import checks
from mixillo.ops.report.checks import Check
from mixillo.ops.report.evidence import Evidence, gather
from mixillo.ops.report.sections import SECTIONS
from mixillo.ops.report.sections.grading import state_of
from mixillo.ops.report.sections.summary import sentence
from mixillo.ops.report.tree import UNKNOWN, Cell, Fact, Facts, Report
from mixillo.ops.report.wording import moment, plural
from mixillo.version import VERSION

USUAL_PERIOD = "24h"


def build(settings: Settings, database: Database, ops: Database, period: str = USUAL_PERIOD) -> Report:
    """Return the report on ``database`` over ``period`` (``1h``, ``24h``, ``7d``, ``30d``), as of now.

    :raises KeyError: there is no such period.
    :raises PyMongoError: the database does not answer.
    """
    return of_evidence(gather(settings, database, ops, period))


def of_evidence(evidence: Evidence) -> Report:
    """Return the report on what was read; asks nobody."""
    done = checks.run(evidence)
    running = evidence.running
    revision = running["revision"] if running else revisions.name_of(evidence.settings)
    return Report(
        at=evidence.at,
        period=evidence.period,
        revision=revision,
        environment=evidence.settings.environment,
        database=evidence.stats.name,
        state=state_of(done),
        sentence=sentence(done),
        basis=_basis(evidence, revision, done),
        sections=tuple(section(evidence, done) for section in SECTIONS),
    )


def _basis(evidence: Evidence, revision: str, done: list[Check]) -> Facts:
    """Return what the figures rest on: when, over which window, from how many samples, and what is not known."""
    requests = evidence.requests
    unknown = [check.area for check in done if check.state == UNKNOWN]
    window = f"{moment(requests.since)} to {moment(requests.until)} ({evidence.period})"
    return Facts(
        (
            Fact("Date", Cell(moment(evidence.at)), f"by Mixillo {VERSION}"),
            Fact("Revision", Cell(revision), evidence.settings.environment),
            Fact("Window", Cell(window), f"{plural(requests.requests, 'request')} counted"),
            Fact("Without data", Cell(", ".join(unknown) or "nothing"), "each says how to measure it"),
        )
    )
