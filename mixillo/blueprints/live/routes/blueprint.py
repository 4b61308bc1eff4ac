"""The blueprints that the routes of this package register themselves on, and who acts where an administrator does."""

from typing import Any

from mixillo.core.api import Blueprint
from mixillo.core.security import Viewer

blueprint = Blueprint("live", __name__, url_prefix="/api/live", description="Live streams")
administration = Blueprint(
    "livestreams", __name__, url_prefix="/api/livestreams", description="Live streams, for administrators"
)
# The mobile app's name of the first.
ALIAS = "/api/livestreaming"


def actor_of(admin: Viewer) -> dict[str, Any]:
    """Return an administrator as the audit log names actors."""
    return {"kind": "user", "id": admin.id, "name": admin.username}
