"""The sections of the report, in the order of the original one."""

from collections.abc import Callable, Sequence

from mixillo.ops.report.checks import Check
from mixillo.ops.report.evidence import Evidence
from mixillo.ops.report.sections import advice, database, deployments, health, infrastructure, modules, summary
from mixillo.ops.report.tree import Section

SECTIONS: tuple[Callable[[Evidence, Sequence[Check]], Section], ...] = (
    summary.executive_summary,
    infrastructure.infrastructure,
    database.database,
    modules.api_modules,
    advice.critical_findings,
    deployments.deployment_history,
    health.system_health,
    advice.recommendations,
    summary.conclusion,
)
