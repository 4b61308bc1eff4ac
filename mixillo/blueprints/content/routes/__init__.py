"""/api/content, which is /api/posts too, and /api/feed."""

from mixillo.blueprints.content.routes import browsing, composing, feeds, older, reacting
from mixillo.blueprints.content.routes.blueprint import ALIAS, blueprint, feed

__all__ = ["ALIAS", "blueprint", "browsing", "composing", "feed", "feeds", "older", "reacting"]
