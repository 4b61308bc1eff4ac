"""Posts of files that were uploaded: what the file says is what the post shows."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.content.models import IMAGE, TEXT, VIDEO
from mixillo.blueprints.uploads.services import linking
from mixillo.errors import ValidationFailed

Document = dict[str, Any]
FIELD = "uploadIds"


def filled(author_id: ObjectId, fields: Document, kind: str) -> Document:
    """Return ``fields`` of a post of type ``kind`` with what its uploads are in the place of their ids.

    A video may bring a picture, to be shown before it plays; what the client says besides comes first.

    :raises ValidationFailed: an upload is not there, or nothing for a post of this type.
    """
    fields = dict(fields)
    upload_ids: list[ObjectId] = fields.pop(FIELD, [])
    if not upload_ids:
        return fields
    if kind == TEXT:
        raise ValidationFailed.of(FIELD, "A text has none.")
    families = [linking.PICTURE] if kind == IMAGE else [linking.VIDEO, linking.PICTURE]
    files = linking.resolve(author_id, upload_ids, field=FIELD, families=families)
    return (_of_pictures(files) if kind == IMAGE else _of_video(files)) | fields


def _of_pictures(files: list[Document]) -> Document:
    first = files[0]
    return {
        "imageUrls": [file["url"] for file in files], "thumbnailUrl": first["thumbnailUrl"], "width": first["width"],
        "height": first["height"],
    }  # fmt: skip


def _of_video(files: list[Document]) -> Document:
    videos = [file for file in files if file["kind"] == VIDEO]
    pictures = [file["url"] for file in files if file["kind"] == linking.PICTURE]
    if len(videos) != 1 or len(pictures) > 1:
        raise ValidationFailed.of(FIELD, "Name one video, and at most one picture to show before it.")
    (video,) = videos
    known = {name: video[name] for name in ("duration", "width", "height") if video[name] is not None}
    poster = next(iter(pictures), video["thumbnailUrl"])
    return {"videoUrl": video["url"]} | ({"thumbnailUrl": poster} if poster else {}) | known
