"""Stories of files that were uploaded: what the file says is what the story shows."""

from typing import Any

from bson import ObjectId

from mixillo.blueprints.stories.models import DEFAULT_SECONDS, VIDEO
from mixillo.blueprints.uploads.services import linking

Document = dict[str, Any]
FIELD = "uploadId"
LONGEST_SECONDS = 60.0


def filled(author_id: ObjectId, fields: Document) -> Document:
    """Return ``fields`` of a story with what its upload is in the place of its id; what the client says comes first.

    :raises ValidationFailed: the upload is not there, or of another type than the story.
    """
    fields = dict(fields)
    upload_id: ObjectId | None = fields.pop(FIELD, None)
    known: Document = {"duration": DEFAULT_SECONDS}
    if upload_id:
        family = linking.VIDEO if fields["type"] == VIDEO else linking.PICTURE
        (file,) = linking.resolve(author_id, [upload_id], field=FIELD, families=[family])
        known |= {"mediaUrl": file["url"]} | ({"thumbnailUrl": file["thumbnailUrl"]} if file["thumbnailUrl"] else {})
        if file["duration"]:
            known["duration"] = min(float(file["duration"]), LONGEST_SECONDS)
    return known | fields
