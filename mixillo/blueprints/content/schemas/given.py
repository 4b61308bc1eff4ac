"""What clients send about posts, under the names of both generations of them."""

from datetime import UTC, timedelta
from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, pre_load, validate

from mixillo.blueprints.content.models import (
    ACTIVE,
    ARCHIVED,
    DEVICES,
    DRAFT,
    FEED,
    IMAGE,
    PLATFORMS,
    POST_TYPES,
    POSTED_TYPES,
    PUBLIC,
    VIDEO,
    VISIBILITIES,
)
from mixillo.core import clock
from mixillo.core.schemas import BaseSchema, Id, Text, web_address

# The second name is what the other generation of clients calls it.
OTHER_NAMES = {
    "caption": "description", "type": "mediaType", "visibility": "privacy", "scheduledFor": "scheduledAt",
    "mentions": "taggedUsers",
}  # fmt: skip
STATUSES = {"published": ACTIVE, ACTIVE: ACTIVE, DRAFT: DRAFT, ARCHIVED: ARCHIVED}
LONGEST_WAIT = timedelta(days=365)
LONGEST_CAPTION, LONGEST_VIDEO = 5_000, 600


def _address() -> fields.String:
    return fields.String(
        validate=[validate.Length(max=2_048), web_address], metadata={"example": "https://cdn.example.com/a.mp4"}
    )


class LocationSchema(BaseSchema):
    """Where it was made."""

    name = Text(max_length=200)
    latitude = fields.Float(validate=validate.Range(min=-90, max=90), allow_nan=False)
    longitude = fields.Float(validate=validate.Range(min=-180, max=180), allow_nan=False)


class LocationField(fields.Field):
    """A place by its name, or with its coordinates."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_keywords: Any) -> Any:
        loaded: dict[str, Any] = LocationSchema().load({"name": value} if isinstance(value, str) else value)
        return loaded


class ContentChangesSchema(BaseSchema):
    """What of a post is to be different."""

    title = Text(max_length=200, allow_none=True)
    caption = Text(max_length=LONGEST_CAPTION, metadata={"description": "Also `description`."})
    videoUrl = _address()
    imageUrls = fields.List(_address(), validate=validate.Length(max=20))
    thumbnailUrl = _address()
    uploadIds = fields.List(
        Id(),
        validate=validate.Length(max=20),
        metadata={"description": "Own uploads, in the place of addresses and measures.", "example": []},
    )
    duration = fields.Float(
        validate=validate.Range(min=0, max=LONGEST_VIDEO), allow_nan=False, metadata={"description": "Seconds."}
    )
    width = fields.Integer(strict=True, validate=validate.Range(min=1, max=16_384))
    height = fields.Integer(strict=True, validate=validate.Range(min=1, max=16_384))
    hashtags = fields.List(
        Text(min_length=1, max_length=100),
        validate=validate.Length(max=30),
        metadata={"description": "Besides those of the caption; also `tags`.", "example": ["pottery"]},
    )
    mentions = fields.List(
        Id(), validate=validate.Length(max=20), metadata={"description": "Besides those of the caption.", "example": []}
    )
    products = fields.List(Id(), validate=validate.Length(max=10), metadata={"description": "On sale.", "example": []})
    location = LocationField(metadata={"example": {"name": "Lisbon"}})
    visibility = fields.String(validate=validate.OneOf(VISIBILITIES), metadata={"description": "Also `privacy`."})
    allowComments = fields.Boolean()
    allowDuet = fields.Boolean()
    allowStitch = fields.Boolean()
    allowDownload = fields.Boolean()
    status = fields.String(validate=validate.OneOf(list(STATUSES)), metadata={"example": "published"})
    scheduledFor = fields.AwareDateTime(
        default_timezone=UTC,
        metadata={"description": "When to publish it, within a year; also `scheduledAt`.", "example": None},
        allow_none=True,
    )

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Return ``data`` under the stored names; two names for one thing are refused as unknown fields."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        for name, other in OTHER_NAMES.items():
            if other in data and name not in data:
                data[name] = data.pop(other)
        if isinstance(tags := data.get("tags"), list) and isinstance(data.get("hashtags", []), list):
            data["hashtags"] = [*data.get("hashtags", []), *tags]
            del data["tags"]
        if "allowShare" in data and "allowDownload" not in data:
            data["allowDownload"] = data.pop("allowShare")
        if isinstance(media := data.get("mediaUrls"), list) and media:
            data |= {"imageUrls": media} if data.get("type") == IMAGE else {"videoUrl": media[0]}
            del data["mediaUrls"]
        return data

    @post_load
    def stored(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids and the status as it is stored.

        :raises ValidationError: the time to publish it is over, or too far away.
        """
        for name in ("mentions", "products", "uploadIds"):
            if name in data:
                data[name] = list(dict.fromkeys(ObjectId(each) for each in data[name]))
        if "status" in data:
            data["status"] = STATUSES[data["status"]]
        if (moment := data.get("scheduledFor")) and not clock.now() < moment <= clock.now() + LONGEST_WAIT:
            raise ValidationError("Must be in the future, within a year.", "scheduledFor")
        return data


class NewContentSchema(ContentChangesSchema):
    """A new post; what its `type` calls for must be there: `videoUrl`, `imageUrls` or `caption`."""

    type = fields.String(
        load_default=VIDEO, validate=validate.OneOf(POSTED_TYPES), metadata={"description": "Also `mediaType`."}
    )
    postType = fields.String(load_default=FEED, validate=validate.OneOf(POST_TYPES))
    visibility = fields.String(
        load_default=PUBLIC, validate=validate.OneOf(VISIBILITIES), metadata={"description": "Also `privacy`."}
    )
    soundId = Id()
    originalSound = fields.Boolean()

    @post_load
    def with_sound(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the sound's id as an id."""
        return data | ({"soundId": ObjectId(data["soundId"])} if "soundId" in data else {})


class ShareSchema(BaseSchema):
    """Where it was passed on to."""

    platform = fields.String(load_default="other", validate=validate.OneOf(PLATFORMS))


class SaveSchema(BaseSchema):
    """Where to keep it."""

    collection = Text(min_length=1, max_length=50, load_default="default")


class ViewSchema(BaseSchema):
    """How it was seen."""

    watchTime = fields.Float(
        validate=validate.Range(min=0, max=86_400), allow_nan=False, metadata={"description": "Seconds."}
    )
    completionRate = fields.Float(validate=validate.Range(min=0, max=1), allow_nan=False)
    device = fields.String(validate=validate.OneOf(DEVICES))
