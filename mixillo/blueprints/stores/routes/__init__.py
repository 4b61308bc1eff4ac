"""/api/stores, and what administrators do with sellers below /api/admin."""

from mixillo.blueprints.stores.routes import administering, applying, browsing, deciding, owning
from mixillo.blueprints.stores.routes.blueprint import blueprint, sellers

__all__ = ["administering", "applying", "blueprint", "browsing", "deciding", "owning", "sellers"]
