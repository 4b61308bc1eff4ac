"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint(
    "analytics",
    __name__,
    url_prefix="/api/analytics",
    description="Events and figures, of one's own and of the platform",
)
events = Blueprint("events", __name__, url_prefix="/api/events", description="Events that clients tell of, in batches")
metrics = Blueprint("platform_metrics", __name__, url_prefix="/api/metrics", description="Where the figures were once")
