"""What payments need of the application: a provider, and somebody who looks after those that nobody completes."""

from flask import Flask

from mixillo.blueprints.payments.services import expiring, providers, webhooks
from mixillo.config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Choose the provider, whose events in this process are delivered like those from outside."""
    app.extensions[providers.EXTENSION] = providers.load(settings, webhooks.receive)
    expiring.init_app(app)
