"""/api/coins: packages, buying coins, paying out what was earned."""

from mixillo.blueprints.coins.routes import administering, browsing, owning
from mixillo.blueprints.coins.routes.blueprint import blueprint

__all__ = ["administering", "blueprint", "browsing", "owning"]
