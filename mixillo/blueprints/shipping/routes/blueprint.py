"""The blueprint that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("shipping", __name__, url_prefix="/api/shipping", description="Shipping: where to, how, how much")
