"""The blueprint that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint(
    "notifications", __name__, url_prefix="/api/notifications", description="What people are told, and how"
)
