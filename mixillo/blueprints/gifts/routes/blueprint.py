"""The blueprint that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("gifts", __name__, url_prefix="/api/gifts", description="Gifts: the catalogue, giving, rankings")
