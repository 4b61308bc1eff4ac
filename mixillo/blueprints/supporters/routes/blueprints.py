"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

supporter_pages = Blueprint(
    "supporters",
    __name__,
    url_prefix="/api/supporters",
    description="Credit packages, tiers, badges, leaderboards, thanks",
)
badge_pages = Blueprint(
    "badges", __name__, url_prefix="/api/badges", description="Badges: the catalogue and who has which"
)
