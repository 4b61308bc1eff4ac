"""What the report holds the evidence against: a check per area, in the order of the executive summary."""

from collections.abc import Callable

from mixillo.ops.report.checks import holdings, protection, service
from mixillo.ops.report.checks.model import PRIORITIES, Check, Finding
from mixillo.ops.report.evidence import Evidence

__all__ = ["CHECKS", "Check", "Finding", "findings", "run"]

CHECKS: tuple[Callable[[Evidence], Check], ...] = (
    holdings.connection,
    holdings.migrations,
    holdings.integrity,
    holdings.indexes,
    holdings.slow_queries,
    holdings.archive,
    service.probes,
    service.errors,
    service.latency,
    service.uptime,
    protection.secrets,
    protection.backups,
    protection.verification,
    protection.alerts,
)


def run(evidence: Evidence) -> list[Check]:
    """Return every check's outcome."""
    return [check(evidence) for check in CHECKS]


def findings(checks: list[Check]) -> list[Finding]:
    """Return what is to be done, the most urgent first."""
    found = [finding for check in checks for finding in check.findings]
    return sorted(found, key=lambda finding: PRIORITIES.index(finding.priority))
