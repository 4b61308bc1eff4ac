"""What the probe's people have uploaded, and how it goes with them."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.uploads.models import UploadSession
from mixillo.blueprints.uploads.services import removing
from mixillo.blueprints.uploads.services.storage.gridfs import CHUNKS, FILES
from mixillo.ops.probes import accounts


def connect() -> None:
    """Clear up after the probe's users from now on."""
    accounts.removing.connect(_remove)


def _remove(_sender: Any, *, user_ids: list[ObjectId], database: Database, ops: Database) -> None:
    """Remove the bytes that are in the database; what is in a bucket is swept as nobody's."""
    uploads = database[UploadSession.collection().name].find({"userId": {"$in": user_ids}})
    keys = [key for upload in uploads if upload.get("fileKey") for key in removing.keys_of(upload)]
    ops[CHUNKS].delete_many({"files_id": {"$in": keys}})
    ops[FILES].delete_many({"_id": {"$in": keys}})
