"""The end of an upload: refused, given up, or removed by who made it."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.uploads.models import COMPLETED, EXPIRED, FAILED, UploadSession
from mixillo.blueprints.uploads.queries import uploads
from mixillo.blueprints.uploads.services.storage import storage
from mixillo.blueprints.uploads.services.writing import Writing
from mixillo.core import clock
from mixillo.errors import AppError

Document = dict[str, Any]


def incoming_key(key: str) -> str:
    """Return where a file lies that came by a signed address, until it is looked at."""
    return f"{key}-incoming"


def keys_of(document: Document) -> list[str]:
    """Return every key that an upload may have bytes under."""
    return [document["fileKey"], *(variant["fileKey"] for variant in document.get("variants") or ())]


def fail(upload: Writing, refusal: AppError) -> None:
    """Give an upload up because of what it is; its owner reads why."""
    upload.note({"status": FAILED, "error": refusal.detail, "completedAt": clock.now(), "arrivedAt": None})
    _forget_bytes(upload.document)


def remove(owner_id: ObjectId, upload_id: ObjectId) -> None:
    """Let an upload of one's own go: at once where nothing can show it yet, else after looking whether anything does.

    :raises UploadNotFound: there is no such upload of theirs.
    """
    document = uploads.own(owner_id, upload_id)
    if document["status"] in (COMPLETED, EXPIRED) and document.get("storedIn"):
        gone = {"status": EXPIRED, "expiresAt": clock.now(), "updatedAt": clock.now()}
        UploadSession.collection().update_one({"_id": upload_id, "status": document["status"]}, {"$set": gone})
    else:
        forget(document)


def remove_all(owner_id: ObjectId) -> int:
    """Remove every file of somebody, shown or not, and return how many: for those whose account goes."""
    documents = list(UploadSession.collection().find({"userId": owner_id}))
    for document in documents:
        forget(document)
    return len(documents)


def forget(document: Document) -> None:
    """Remove an upload, its bytes first: what is cut off in between is found and removed again."""
    if document.get("storedIn"):
        _forget_bytes(document)
    UploadSession.collection().delete_one({"_id": document["_id"]})


def _forget_bytes(document: Document) -> None:
    for key in (*keys_of(document), incoming_key(document["fileKey"])):
        storage().delete(key)
