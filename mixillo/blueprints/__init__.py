"""The registry of features: one line each."""

from flask import Flask

from mixillo.blueprints.health import routes as health
from mixillo.extensions import api


def register_blueprints(app: Flask) -> None:
    """Register every feature on ``app``."""
    api.register_blueprint(health.blueprint)
