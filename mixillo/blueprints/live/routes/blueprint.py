"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("live", __name__, url_prefix="/api/live", description="Live streams")
administration = Blueprint(
    "livestreams", __name__, url_prefix="/api/livestreams", description="Live streams, for administrators"
)
# The mobile app's name of the first.
ALIAS = "/api/livestreaming"
