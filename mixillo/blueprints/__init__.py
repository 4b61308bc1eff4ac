"""The registry of features: one line each."""

from flask import Flask

from mixillo.blueprints.docs import routes as docs
from mixillo.blueprints.health import routes as health
from mixillo.extensions import api

# What is in the OpenAPI document …
API = (health.blueprint,)
# … and the pages that people open in a browser.
PAGES = (docs.blueprint,)


def register_blueprints(app: Flask) -> None:
    """Register every feature on ``app``."""
    for blueprint in API:
        api.register_blueprint(blueprint)
    for page in PAGES:
        app.register_blueprint(page)
