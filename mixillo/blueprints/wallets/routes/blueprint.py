"""The blueprints of wallets, and who acts where an administrator does."""

from typing import Any

from mixillo.core.api import Blueprint
from mixillo.core.security import current_viewer

# Served as /api/wallet too, which the mobile app calls.
blueprint = Blueprint("wallets", __name__, url_prefix="/api/wallets", description="Wallets, transfers, withdrawals")
administration = Blueprint(
    "wallets-admin", __name__, url_prefix="/api/admin/wallets", description="Everybody's transactions"
)
ALIAS = "/api/wallet"
MONEY = "30/minute"


def acting() -> dict[str, Any]:
    """Return the signed-in administrator as the audit log names actors."""
    viewer = current_viewer()
    return {"kind": "user", "id": viewer.id, "name": viewer.username}
