"""The dashboard's routes: one module per page."""

from mixillo.blueprints.dashboard.routes import (
    accounts,
    alerts,
    audit,
    backups,
    database,
    endpoints,
    events,
    files,
    infrastructure,
    integrity,
    money,
    overview,
    probes,
    report,
    revisions,
    security,
    uptime,
)
from mixillo.blueprints.dashboard.routes.blueprint import blueprint

__all__ = [
    "accounts",
    "alerts",
    "audit",
    "backups",
    "blueprint",
    "database",
    "endpoints",
    "events",
    "files",
    "infrastructure",
    "integrity",
    "money",
    "overview",
    "probes",
    "report",
    "revisions",
    "security",
    "uptime",
]
