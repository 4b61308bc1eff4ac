"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("products", __name__, url_prefix="/api/products", description="Products: find, offer, review")
# Where the mobile app looks for it; its paths are below those of people.
wishlist = Blueprint("wishlist", __name__, url_prefix="/api/users/wishlist", description="What one wishes for")
