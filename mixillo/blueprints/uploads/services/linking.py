"""Files for other features: what to store of an upload, by its id."""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId

from mixillo.blueprints.uploads.models import COMPLETED, UploadSession
from mixillo.blueprints.uploads.queries import addresses
from mixillo.blueprints.uploads.services.kinds import AUDIO, BY_TYPE, PICTURE, VIDEO
from mixillo.blueprints.uploads.services.starting import PATIENCE, settings
from mixillo.core import clock
from mixillo.errors import ValidationFailed

__all__ = ["AUDIO", "PICTURE", "VIDEO", "resolve"]
Document = dict[str, Any]


def resolve(
    owner_id: ObjectId, upload_ids: Sequence[ObjectId], *, field: str = "uploadIds", families: Sequence[str] = ()
) -> list[Document]:
    """Return what to store of one's own finished uploads, in their order.

    ``{url, thumbnailUrl, kind, contentType, width, height, duration}`` each; ``kind`` is one of ``families``. The files
    are not swept within a day from now, whatever else; then as long as the address is stored in one of the places that
    are looked at (:mod:`mixillo.blueprints.uploads.queries.places`).

    :raises ValidationFailed: naming ``field``: one is not there, not the owner's, not finished or of another kind.
    """
    where = {"_id": {"$in": list(upload_ids)}, "userId": owner_id, "status": COMPLETED}
    UploadSession.collection().update_many(
        where | {"storedIn": {"$exists": True}}, {"$max": {"expiresAt": clock.now() + PATIENCE}}
    )
    found = {upload["_id"]: upload for upload in UploadSession.collection().find(where)}
    if missing := [each for each in upload_ids if each not in found]:
        raise ValidationFailed.of(field, f"Not there: {', '.join(map(str, missing))}.")
    wrong = [each for each in upload_ids if families and _family(found[each]) not in families]
    if wrong:
        raise ValidationFailed.of(field, f"Not {' or '.join(families)}: {', '.join(map(str, wrong))}.")
    return [_stored(found[each]) for each in upload_ids]


def _family(upload: Document) -> str:
    kind = BY_TYPE.get(upload["contentType"])
    return kind.family if kind else ""


def _stored(upload: Document) -> Document:
    shown = addresses.of(upload, settings().base_url)
    return {
        "url": shown["url"], "thumbnailUrl": shown["thumbnailUrl"], "kind": _family(upload),
        "contentType": upload["contentType"], "width": upload.get("width"), "height": upload.get("height"),
        "duration": upload.get("duration"),
    }  # fmt: skip
