"""/api/shipping: where to, by what, for how much."""

from mixillo.blueprints.shipping.routes import administering, browsing
from mixillo.blueprints.shipping.routes.blueprint import blueprint

__all__ = ["administering", "blueprint", "browsing"]
