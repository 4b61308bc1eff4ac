"""/api/products: browsing, searching, selling, reviewing; /api/users/wishlist."""

from mixillo.blueprints.products.routes import administering, browsing, older, reviewing, searching, selling, wishing
from mixillo.blueprints.products.routes.blueprint import blueprint, wishlist

__all__ = [
    "administering",
    "blueprint",
    "browsing",
    "older",
    "reviewing",
    "searching",
    "selling",
    "wishing",
    "wishlist",
]
