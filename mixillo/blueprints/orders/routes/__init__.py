"""/api/orders and /api/cart/checkout: buying, selling, administering."""

from mixillo.blueprints.orders.routes import administering, buying, invoicing, selling
from mixillo.blueprints.orders.routes.blueprint import blueprint, checkout

__all__ = ["administering", "blueprint", "buying", "checkout", "invoicing", "selling"]
