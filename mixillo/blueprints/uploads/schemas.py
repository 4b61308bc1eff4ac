"""What clients say about files, and what they are told."""

import binascii
from base64 import b64decode
from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, pre_load, validate

from mixillo.blueprints.uploads.models import STATUSES
from mixillo.core.schemas import BaseSchema, Id, PageQuery, QuerySchema, Text, Timestamp

NAME_LENGTH = 255
# What the administration calls what the app calls otherwise.
OTHER_NAMES = {"filename": "fileName", "contentType": "fileType"}


class UploadVariantSchema(BaseSchema):
    """A picture that was made of the file."""

    name = fields.String(required=True, metadata={"example": "small"})
    url = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)


class UploadSchema(BaseSchema):
    """A file of one's own; it has an address once it is `completed`."""

    _id = Id(required=True)
    id = Id(required=True)
    sessionId = Id(required=True, metadata={"description": "The same as `_id`."})
    userId = Id(required=True)
    status = fields.String(required=True, metadata={"example": "completed"})
    filename = fields.String(required=True)
    contentType = fields.String(required=True, metadata={"description": "By its content, once it has arrived."})
    kind = fields.String(required=True, allow_none=True, metadata={"example": "image"})
    fileSize = fields.Integer(required=True)
    received = fields.Integer(required=True, metadata={"description": "How many bytes are stored."})
    url = fields.String(required=True, allow_none=True)
    thumbnailUrl = fields.String(required=True, allow_none=True)
    variants = fields.List(fields.Nested(UploadVariantSchema), required=True)
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)
    duration = fields.Float(required=True, allow_none=True, metadata={"description": "Seconds."})
    error = fields.String(required=True, allow_none=True, metadata={"description": "Why it `failed`."})
    expiresAt = Timestamp(required=True, allow_none=True, metadata={"description": "When it is looked at again."})
    completedAt = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)


class UploadsQuery(PageQuery):
    """Which of one's own uploads to list."""

    status = fields.String(validate=validate.OneOf(STATUSES))


class AnnouncedSchema(BaseSchema):
    """A file that is to be sent to a signed address."""

    filename = Text(required=True, min_length=1, max_length=NAME_LENGTH, metadata={"description": "Also `fileName`."})
    contentType = fields.String(
        required=True, validate=validate.Length(max=100), metadata={"description": "Also `fileType`."}
    )
    fileSize = fields.Integer(
        strict=True, load_default=0, validate=validate.Range(min=0, max=2**50), metadata={"description": "Bytes."}
    )
    folder = Text(max_length=100, metadata={"description": "Of no consequence: files have no folders."})
    metadata = fields.Dict(metadata={"description": "Of no consequence."})

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Take the names of the administration; where both are there they are the same to it."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        for name, other in OTHER_NAMES.items():
            value = data.pop(other, None)
            if value is not None:
                data.setdefault(name, value)
        return data


class ArrivedSchema(BaseSchema):
    """What clients say of a file that they have sent; what the file itself says counts."""

    fileUrl = fields.String(validate=validate.Length(max=2_048))
    thumbnail = fields.String(validate=validate.Length(max=2_048), allow_none=True)
    duration = fields.Float(allow_nan=False, allow_none=True)
    width = fields.Integer(allow_none=True)
    height = fields.Integer(allow_none=True)
    metadata = fields.Dict()


class CompletedSchema(ArrivedSchema):
    """Which file has arrived."""

    sessionId = Id(required=True)

    @post_load
    def with_id(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return data | {"sessionId": ObjectId(data["sessionId"])}


class AvatarSchema(BaseSchema):
    """Which upload is to be one's picture."""

    uploadId = Id(required=True)


class SignatureQuery(QuerySchema):
    """What a signed address says."""

    expires = fields.String(required=True)
    signature = fields.String(required=True)


class CreationHeaders(QuerySchema):
    """What tus says of a file: its length, and its name and type in Base64."""

    length = fields.Integer(
        data_key="Upload-Length", required=True, validate=validate.Range(min=1, max=2**50), metadata={"example": 1024}
    )
    described = fields.String(
        data_key="Upload-Metadata",
        load_default="",
        validate=validate.Length(max=4_096),
        metadata={"example": "filename Y2xpcC5tcDQ=,filetype dmlkZW8vbXA0"},
    )

    @post_load
    def read(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``{size, filename, content_type}``.

        :raises ValidationError: the description is not what tus says it is.
        """
        pairs = dict(part.strip().partition(" ")[::2] for part in data["described"].split(",") if part.strip())
        try:
            named = {name: b64decode(value, validate=True).decode() for name, value in pairs.items()}
        except (binascii.Error, UnicodeDecodeError):
            raise ValidationError("Must be names with values in Base64.", "Upload-Metadata") from None
        filename = "".join(each for each in named.get("filename", "") if each.isprintable())[:NAME_LENGTH]
        found = {"size": data["length"], "filename": filename or "upload"}
        return found | ({"content_type": named["filetype"]} if named.get("filetype") else {})


class OffsetHeaders(QuerySchema):
    """Where the bytes of a request belong."""

    offset = fields.Integer(
        data_key="Upload-Offset", required=True, validate=validate.Range(min=0), metadata={"example": 0}
    )
