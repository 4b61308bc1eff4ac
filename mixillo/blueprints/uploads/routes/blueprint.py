"""The blueprints that the routes of this package register themselves on, and what they share."""

from typing import Any

from bson import ObjectId
from flask import request
from marshmallow import fields

from mixillo.blueprints.uploads.queries import uploads
from mixillo.blueprints.uploads.schemas import UploadSchema
from mixillo.blueprints.uploads.services.starting import settings
from mixillo.core.api import Blueprint

blueprint = Blueprint("uploads", __name__, url_prefix="/api/uploads", description="Files: send, finish, find, remove")
files = Blueprint("media", __name__, url_prefix="/api/media", description="Files, as everybody sees them")
# The mobile app sends files there, and looks up there what it may send.
older = Blueprint("upload", __name__, url_prefix="/api/upload", description="Older paths of uploads")
config = Blueprint("config", __name__, url_prefix="/api/config", description="What clients may do")
avatar_pages = Blueprint("avatars", __name__, url_prefix="/api/users", description="Pictures of people")

UPLOAD = fields.Nested(UploadSchema, required=True)


def shown(owner_id: ObjectId, upload_id: ObjectId) -> dict[str, Any]:
    """Return an upload as it is shown."""
    return uploads.show(owner_id, upload_id, settings().base_url)


def take_up_to(size: int) -> None:
    """Let this request have a body of ``size`` bytes; a longer one is refused before it is read.

    One byte more, because the end of a body without a length is only found behind it.
    """
    request.max_content_length = size + 1
