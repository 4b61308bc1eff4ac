"""The blueprint that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("stories", __name__, url_prefix="/api/stories", description="What people show for a day")
