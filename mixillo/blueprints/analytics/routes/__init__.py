"""/api/analytics and /api/events; /api/metrics, as it was once."""

from mixillo.blueprints.analytics.routes import own, platform, tracking
from mixillo.blueprints.analytics.routes.blueprint import blueprint, events, metrics

__all__ = ["blueprint", "events", "metrics", "own", "platform", "tracking"]
