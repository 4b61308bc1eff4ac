"""The picture of oneself."""

from typing import Any

from bson import ObjectId
from marshmallow import fields

from mixillo.blueprints.uploads.routes.blueprint import avatar_pages
from mixillo.blueprints.uploads.routes.direct import BODY, take_file
from mixillo.blueprints.uploads.schemas import AvatarSchema
from mixillo.blueprints.uploads.services import linking
from mixillo.blueprints.users.schemas import OwnUserSchema
from mixillo.blueprints.users.services import profiles
from mixillo.core.api import Reply
from mixillo.core.ratelimits import rate_limited
from mixillo.core.security import current_viewer, login_required

MEMBERS = {"avatarUrl": fields.String(required=True), "user": fields.Nested(OwnUserSchema, required=True)}


@avatar_pages.post("/upload-avatar")
@login_required()
@rate_limited("uploads", "60/minute")
@avatar_pages.doc(requestBody=BODY)
@avatar_pages.returns(200, **MEMBERS)
@avatar_pages.refuses(400, 413, 415, 423)
def upload_avatar() -> Reply:
    """Send a picture of oneself

    As a form with the file in `avatar`.
    """
    return _changed(take_file(current_viewer()), "avatar")


@avatar_pages.put("/avatar")
@login_required()
@avatar_pages.accepts(AvatarSchema, example={"uploadId": "64b7f3a2c9e77a0012ab34cd"})
@avatar_pages.returns(200, **MEMBERS)
@avatar_pages.needs("an uploaded picture")
def choose_avatar(body: dict[str, Any]) -> Reply:
    """Make an uploaded picture the picture of oneself

    `PUT /api/users/profile` with `avatar: null` removes it.
    """
    return _changed(ObjectId(body["uploadId"]), "uploadId")


def _changed(upload_id: ObjectId, field: str) -> Reply:
    viewer = current_viewer()
    (picture,) = linking.resolve(viewer.id, [upload_id], field=field, families=[linking.PICTURE])
    user = profiles.update(viewer.id, {"avatar": picture["url"]})
    return Reply({"avatarUrl": picture["url"], "user": user}, "Picture changed")
