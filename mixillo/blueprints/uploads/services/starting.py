"""The beginning of an upload: what is announced, and whether there is room for it."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from flask import current_app
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.uploads.models import UploadSession
from mixillo.blueprints.uploads.queries import uploads
from mixillo.blueprints.uploads.services.errors import TooLarge, WrongType
from mixillo.blueprints.uploads.services.kinds import BY_TYPE
from mixillo.blueprints.uploads.services.storage import storage
from mixillo.config import Settings
from mixillo.core import clock, ratelimits
from mixillo.core.security import Viewer

Document = dict[str, Any]
MEGABYTE = 1024 * 1024
# So long somebody may take to send a file, from one piece to the next.
PATIENCE = timedelta(hours=24)
KEY_BYTES = 16
UNKNOWN = "application/octet-stream"


def start(
    owner: Viewer,
    way: str,
    *,
    filename: str,
    content_type: str = UNKNOWN,
    size: int = 0,
    upload_id: ObjectId | None = None,
) -> Document:
    """Announce a file and return its upload; a ``size`` of nothing is not known yet.

    ``upload_id`` makes repeating this harmless.

    :raises TooLarge: it has more bytes than are taken.
    :raises WrongType: what it is said to be is not taken; what it is shows when it arrives.
    :raises TooManyRequests: the owner has sent too much today.
    """
    if size > limit(settings()):
        raise TooLarge(f"Files may have up to {limit(settings())} bytes.")
    if content_type not in BY_TYPE and content_type != UNKNOWN:
        raise WrongType(f"Send one of {', '.join(BY_TYPE)}.")
    charge(size)
    now = clock.now()
    session = UploadSession(
        id=upload_id or ObjectId(),
        userId=owner.id,
        fileKey=clock.random_token(KEY_BYTES),
        filename=filename,
        contentType=content_type,
        fileSize=size,
        expiresAt=now + PATIENCE,
        storedIn=storage().name,
        way=way,
        createdAt=now,
        updatedAt=now,
    )
    document: Document = session.to_mongo().to_dict()
    try:
        UploadSession.collection().insert_one(document)
    except DuplicateKeyError:  # the same request, again
        return uploads.own(owner.id, document["_id"])
    return document


def charge(size: int) -> None:
    """Count ``size`` bytes against what somebody may send in a day.

    :raises TooManyRequests: it is more than that.
    """
    daily = ratelimits.Rate("upload-megabytes", settings().upload_daily_mb, 86_400)
    ratelimits.check(daily, cost=-(-size // MEGABYTE))


def settings() -> Settings:
    """Return the settings of the running application."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def limit(settings: Settings) -> int:
    """Return how many bytes a file may have."""
    return settings.upload_max_mb * MEGABYTE


def direct_limit(settings: Settings) -> int:
    """Return how many bytes a file may have that comes in one request, and a picture however it comes."""
    return settings.upload_direct_mb * MEGABYTE
