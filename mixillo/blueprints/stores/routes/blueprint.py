"""The blueprints that the routes of this package register themselves on."""

from mixillo.core.api import Blueprint

blueprint = Blueprint("stores", __name__, url_prefix="/api/stores", description="Stores: apply, sell, follow")
# Where the dashboard of the existing system looks for who may sell; in the document it stands among the stores.
TAGS = [blueprint.name]
sellers = Blueprint("sellers", __name__, url_prefix="/api/admin", description="Who may sell")
