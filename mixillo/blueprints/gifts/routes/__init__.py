"""/api/gifts: the catalogue, giving, and what was given."""

from mixillo.blueprints.gifts.routes import administering, browsing, giving
from mixillo.blueprints.gifts.routes.blueprint import blueprint

__all__ = ["administering", "blueprint", "browsing", "giving"]
