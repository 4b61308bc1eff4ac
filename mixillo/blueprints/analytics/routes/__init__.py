"""/api/analytics and /api/events."""

from mixillo.blueprints.analytics.routes import tracking
from mixillo.blueprints.analytics.routes.blueprint import blueprint, events

__all__ = ["blueprint", "events", "tracking"]
