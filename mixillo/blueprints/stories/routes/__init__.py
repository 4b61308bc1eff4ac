"""/api/stories."""

from mixillo.blueprints.stories.routes import administering, keeping, sharing
from mixillo.blueprints.stories.routes.blueprint import blueprint

__all__ = ["administering", "blueprint", "keeping", "sharing"]
