"""/api/notifications: one's own, and what administrators send to many."""

from mixillo.blueprints.notifications.routes import administering, own
from mixillo.blueprints.notifications.routes.blueprint import blueprint

__all__ = ["administering", "blueprint", "own"]
