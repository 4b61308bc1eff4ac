"""The dashboard's routes: one module per page."""

from mixillo.blueprints.dashboard.routes import accounts, database, files, infrastructure, overview
from mixillo.blueprints.dashboard.routes.blueprint import blueprint

__all__ = ["accounts", "blueprint", "database", "files", "infrastructure", "overview"]
