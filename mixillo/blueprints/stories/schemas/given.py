"""What clients send about stories, under the names of both generations of them."""

from typing import Any

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, pre_load, validate

from mixillo.blueprints.stories.models import CLOSE, DEFAULT_SECONDS, PRIVATE, PUBLIC, TYPES, VISIBILITIES
from mixillo.core.schemas import BaseSchema, Id, PageQuery, Text, web_address

OTHER_NAMES = {"visibility": "privacy", "mediaUrl": "url", "thumbnailUrl": "thumbnail"}
SPELLED = {"everyone": PUBLIC, "close_friends": CLOSE, "closeFriends": CLOSE}
LONGEST_SECONDS, MOST_PEOPLE, MOST_STORIES = 60, 200, 100


def _address(**more: Any) -> fields.String:
    return fields.String(
        validate=[validate.Length(max=2_048), web_address],
        metadata={"example": "https://cdn.example.com/kiln.jpg"},
        **more,
    )


class NewStorySchema(BaseSchema):
    """Something to show for 24 hours."""

    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    mediaUrl = _address()
    uploadId = Id(metadata={"description": "An upload of one's own, in the place of `mediaUrl`."})
    thumbnailUrl = _address()
    caption = Text(max_length=500)
    duration = fields.Float(
        validate=validate.Range(min=1, max=LONGEST_SECONDS),
        allow_nan=False,
        metadata={"description": f"Seconds; {DEFAULT_SECONDS:.0f} unless an uploaded video takes longer."},
    )
    musicId = Id()
    visibility = fields.String(
        load_default=PUBLIC,
        validate=validate.OneOf(VISIBILITIES),
        metadata={"description": "Also `privacy`. `private` is for `allowedUsers` alone."},
    )
    allowedUsers = fields.List(Id(), validate=validate.Length(max=MOST_PEOPLE))

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Return ``data`` under the stored names."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        for name, other in OTHER_NAMES.items():
            if other in data and name not in data:
                data[name] = data.pop(other)
        if isinstance(data.get("visibility"), str):
            data["visibility"] = SPELLED.get(data["visibility"], data["visibility"])
        if "isPrivate" in data and "visibility" not in data:
            data["visibility"] = PRIVATE if data["isPrivate"] is True else PUBLIC
            del data["isPrivate"]
        return data

    @post_load
    def stored(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids.

        :raises ValidationError: it does not say what to show, or twice.
        """
        if ("mediaUrl" in data) == ("uploadId" in data):
            raise ValidationError("Name what to show, once.", "mediaUrl")
        for name in ("musicId", "uploadId"):
            if name in data:
                data[name] = ObjectId(data[name])
        data["allowedUsers"] = [ObjectId(each) for each in dict.fromkeys(data.get("allowedUsers", []))]
        return data


class StoriesQuery(PageQuery):
    """Which stories administrators list."""

    userId = Id()

    @post_load
    def with_id(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return data | ({"userId": ObjectId(data["userId"])} if "userId" in data else {})


def _story_ids(**more: Any) -> fields.List:
    return fields.List(Id(), validate=validate.Length(max=MOST_STORIES), **more)


class NewHighlightSchema(BaseSchema):
    """Stories to keep; they must last still."""

    title = Text(required=True, min_length=1, max_length=50)
    coverUrl = _address(allow_none=True)
    storyIds = fields.List(Id(), required=True, validate=validate.Length(min=1, max=MOST_STORIES))

    @post_load
    def stored(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids."""
        return data | {"storyIds": [ObjectId(each) for each in data["storyIds"]]}


class HighlightChangesSchema(BaseSchema):
    """What of a highlight is to be different; `add` and `remove` are ids of stories."""

    title = Text(min_length=1, max_length=50)
    coverUrl = _address(allow_none=True)
    add = _story_ids()
    remove = _story_ids()

    @post_load
    def stored(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids."""
        return data | {name: [ObjectId(each) for each in data[name]] for name in ("add", "remove") if name in data}


class CloseFriendSchema(BaseSchema):
    """Who is to be a close friend."""

    userId = Id(required=True)

    @post_load
    def with_id(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return {"userId": ObjectId(data["userId"])}
