"""/api/cart in both dialects that clients speak, and what /api/coupons and /api/shipping have to do with carts."""

from mixillo.blueprints.cart.routes import coupons, items, older, products, reading, shipping
from mixillo.blueprints.cart.routes.blueprint import blueprint, coupon_uses, shipping_costs

__all__ = ["blueprint", "coupon_uses", "coupons", "items", "older", "products", "reading", "shipping", "shipping_costs"]
