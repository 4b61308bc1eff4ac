"""/api/coupons: what there is, what one used, and what administrators do."""

from mixillo.blueprints.coupons.routes import administering, browsing
from mixillo.blueprints.coupons.routes.blueprint import blueprint

__all__ = ["administering", "blueprint", "browsing"]
