"""What events and figures need of the application."""

from flask import Flask

from mixillo.blueprints.analytics.services import recording


def init_app(app: Flask) -> None:
    """Set it up for ``app``."""
    recording.init_app(app)
