"""The blueprint that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("coupons", __name__, url_prefix="/api/coupons", description="Coupons: codes that save money")
