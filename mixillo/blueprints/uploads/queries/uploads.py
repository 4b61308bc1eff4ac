"""One's own uploads, and any file that was finished."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.uploads.models import COMPLETED, NEWEST, UploadSession
from mixillo.blueprints.uploads.queries import addresses
from mixillo.core import clock
from mixillo.core.pagination import paginate
from mixillo.errors import NotFound

Document = dict[str, Any]
KINDS = {"image": "image", "video": "video", "audio": "audio"}


class UploadNotFound(NotFound):
    """There is no such upload of the asker's."""

    code, title = "upload_not_found", "There is no such upload"


def own(owner_id: ObjectId, upload_id: ObjectId) -> Document:
    """Return a stored upload of one's own.

    :raises UploadNotFound: there is none.
    """
    found: Document | None = UploadSession.collection().find_one({"_id": upload_id, "userId": owner_id})
    if found is None:
        raise UploadNotFound
    return found


def show(owner_id: ObjectId, upload_id: ObjectId, base_url: str) -> Document:
    """Return an upload of one's own as it is shown.

    :raises UploadNotFound: there is none.
    """
    return shown(own(owner_id, upload_id), base_url)


def page(owner_id: ObjectId, query: Document, base_url: str) -> tuple[list[Document], Document]:
    """Return a page of one's own uploads, the newest first; ``status`` narrows it down."""
    where: Document = {"userId": owner_id} | ({"status": query["status"]} if "status" in query else {})
    hint = "newest_of_status" if "status" in query else "newest"
    found, pagination = paginate(UploadSession.collection(), where, query, sort=NEWEST, hint=hint)
    return [shown(upload, base_url) for upload in found], pagination


def shown(upload: Document, base_url: str) -> Document:
    """Return an upload as its owner sees it; of what is not finished, and of older rows, there is no address."""
    is_kept = upload["status"] == COMPLETED and bool(upload.get("storedIn"))
    where = addresses.of(upload, base_url) if is_kept else {"url": None, "thumbnailUrl": None, "variants": []}
    return where | {
        "_id": str(upload["_id"]),
        "id": str(upload["_id"]),
        "sessionId": str(upload["_id"]),
        "userId": str(upload["userId"]),
        "status": upload["status"],
        "filename": upload["filename"],
        "contentType": upload["contentType"],
        "kind": KINDS.get(upload["contentType"].partition("/")[0]),
        "fileSize": upload.get("fileSize") or 0,
        "received": upload.get("received") or 0,
        "width": upload.get("width"),
        "height": upload.get("height"),
        "duration": upload.get("duration"),
        "error": upload.get("error"),
        "expiresAt": _moment(upload.get("expiresAt")),
        "completedAt": _moment(upload.get("completedAt")),
        "createdAt": _moment(upload.get("createdAt")),
    }


def _moment(value: Any) -> str | None:
    return clock.timestamp(value) if value else None
