"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("orders", __name__, url_prefix="/api/orders", description="Orders: buy, send, send back")
# Where the mobile app's cart looks for it; its path is below that of the cart.
checkout = Blueprint("checkout", __name__, url_prefix="/api/cart", description="From the cart to an order")
