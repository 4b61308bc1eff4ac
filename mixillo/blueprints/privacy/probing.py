"""What the probe's people asked about their data is forgotten with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.privacy.services import exporting
from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's users from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    files = [export["fileId"] for export in ops[exporting.COLLECTION].find({"userId": {"$in": user_ids}})]
    ops[f"{exporting.BUCKET}.chunks"].delete_many({"files_id": {"$in": files}})
    ops[f"{exporting.BUCKET}.files"].delete_many({"_id": {"$in": files}})
    ops[exporting.COLLECTION].delete_many({"userId": {"$in": user_ids}})
