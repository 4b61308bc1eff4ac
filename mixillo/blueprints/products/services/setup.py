"""What products need of the application: counting looks, writing searches down, keeping the search in step."""

from flask import Flask

from mixillo.blueprints.products.services import viewing
from mixillo.blueprints.products.services.search import keeping, recording
from mixillo.config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Set it up for ``app``."""
    viewing.init_app(app)
    keeping.init_app(app, settings)
    recording.init_app(app)
