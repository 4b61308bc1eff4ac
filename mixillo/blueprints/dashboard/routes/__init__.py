"""The dashboard's routes: one module per page."""

from mixillo.blueprints.dashboard.routes import (
    accounts,
    database,
    endpoints,
    files,
    infrastructure,
    overview,
    revisions,
    probes,
    uptime,
)
from mixillo.blueprints.dashboard.routes.blueprint import blueprint

__all__ = [
    "accounts",
    "blueprint",
    "database",
    "endpoints",
    "files",
    "infrastructure",
    "overview",
    "revisions",
    "uptime",
    "probes",
]
