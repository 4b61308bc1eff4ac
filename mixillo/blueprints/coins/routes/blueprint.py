"""The blueprint that the routes of coins are added to; their paths are those of today's clients, all over the API."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("coins", __name__, description="Coin packages, purchases, paying out")
