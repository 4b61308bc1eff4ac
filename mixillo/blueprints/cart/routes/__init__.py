"""/api/cart in both dialects that clients speak, and what /api/coupons does to carts."""

from mixillo.blueprints.cart.routes import coupons, items, older, products, reading
from mixillo.blueprints.cart.routes.blueprint import blueprint, coupon_uses

__all__ = ["blueprint", "coupon_uses", "coupons", "items", "older", "products", "reading"]
