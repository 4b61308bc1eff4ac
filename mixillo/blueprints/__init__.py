"""The registry of features: one line each."""

from flask import Flask

from mixillo.blueprints.auth import pages as auth_pages
from mixillo.blueprints.auth import routes as auth
from mixillo.blueprints.auth import sockets as auth_sockets
from mixillo.blueprints.coins import routes as coins
from mixillo.blueprints.dashboard import routes as dashboard
from mixillo.blueprints.dashboard import sockets as dashboard_sockets
from mixillo.blueprints.docs import routes as docs
from mixillo.blueprints.gifts import routes as gifts
from mixillo.blueprints.health import routes as health
from mixillo.blueprints.monitoring import routes as monitoring
from mixillo.blueprints.payments import routes as payments
from mixillo.blueprints.payments.services import setup as payments_setup
from mixillo.blueprints.users import routes as users
from mixillo.config import SANDBOX
from mixillo.extensions import api, socketio

# What is in the OpenAPI document …
API = (health.blueprint, auth.blueprint, users.blueprint, coins.blueprint, payments.sandbox_pages, payments.blueprint, gifts.blueprint, monitoring.blueprint)
# … and the pages that people open in a browser.
PAGES = (docs.blueprint, auth_pages.pages, dashboard.blueprint, monitoring.pages)
# Socket namespaces: made per application, because they hold the state of their sockets.
NAMESPACES = (auth_sockets.ClientSockets, dashboard_sockets.OperatorSockets)


def register_blueprints(app: Flask) -> None:
    """Register every feature on ``app``."""
    payments_setup.init_app(app, app.config["SETTINGS"])
    for blueprint in API:
        if blueprint is not payments.sandbox_pages or app.config["SETTINGS"].payments_by == SANDBOX:
            api.register_blueprint(blueprint)
    for page in PAGES:
        app.register_blueprint(page)
    for namespace in NAMESPACES:
        socketio.on_namespace(namespace(app.config["SETTINGS"]))
