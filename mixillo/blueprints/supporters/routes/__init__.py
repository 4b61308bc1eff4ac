"""/api/supporters, and /api/badges as the mobile app calls them."""

from mixillo.blueprints.supporters.routes import badges, giving, packages
from mixillo.blueprints.supporters.routes.blueprints import badge_pages, supporter_pages

__all__ = ["badge_pages", "badges", "giving", "packages", "supporter_pages"]
