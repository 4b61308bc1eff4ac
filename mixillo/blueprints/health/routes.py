"""GET /health, /api/health, /api/health/db."""

from typing import Any

from flask import current_app

from mixillo.blueprints.health import services
from mixillo.blueprints.health.schemas import DatabaseHealthSchema, HealthSchema
from mixillo.core.api import Blueprint
from mixillo.core.security import public

blueprint = Blueprint("health", __name__, description="Is the service alive, and does its database answer")


@blueprint.get("/health")
@blueprint.get("/api/health")
@public
@blueprint.answers(HealthSchema, 200)
def health() -> dict[str, Any]:
    """Tell that this process answers

    Asks nobody else and stays 200 when the database is down. `mongodb.connected` is what the driver saw
    last; `/api/health/db` asks now.
    """
    return services.liveness(current_app.config["SETTINGS"])


@blueprint.get("/api/health/db")
@blueprint.get("/api/health/mongodb")
@public
@blueprint.answers(DatabaseHealthSchema, 200, 503)
def database_health() -> tuple[dict[str, Any], int]:
    """Ping the database

    503 when it does not answer within two seconds.
    """
    report = services.database_health()
    return report, 200 if report["connected"] else 503
