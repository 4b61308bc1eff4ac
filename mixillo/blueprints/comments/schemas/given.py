"""What clients send about comments, under the names of both generations of them."""

from typing import Any

from bson import ObjectId
from marshmallow import fields, post_load, pre_load, validate

from mixillo.blueprints.comments.services.judging import ACTIONS
from mixillo.core.schemas import BaseSchema, Id, Text

LONGEST_TEXT = 1_000
MOST_AT_ONCE = 100
MOST_WORDS = 1_000


class TextSchema(BaseSchema):
    """What it is to say."""

    text = Text(required=True, min_length=1, max_length=LONGEST_TEXT, metadata={"example": "What a glaze, @ada!"})


class NewCommentSchema(TextSchema):
    """A comment on a post, or an answer to one there."""

    parentId = Id(allow_none=True, metadata={"description": "What it answers; also `parentCommentId`."})

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Take ``parentCommentId``, as the mobile app calls it."""
        if isinstance(data, dict) and "parentCommentId" in data and "parentId" not in data:
            data = dict(data)
            data["parentId"] = data.pop("parentCommentId")
        return data

    @post_load
    def with_id(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the id as an id."""
        return data | {"parentId": ObjectId(data["parentId"]) if data.get("parentId") else None}


class BulkSchema(BaseSchema):
    """What to do with many comments."""

    action = fields.String(required=True, validate=validate.OneOf(list(ACTIONS)))
    commentIds = fields.List(Id(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))


class WordsSchema(BaseSchema):
    """Words and phrases that comments may not hold; a list that is not sent stays as it is."""

    blocked = fields.List(
        Text(min_length=1, max_length=100),
        validate=validate.Length(max=MOST_WORDS),
        metadata={"description": "What holds one of them is refused."},
    )
    hidden = fields.List(
        Text(min_length=1, max_length=100),
        validate=validate.Length(max=MOST_WORDS),
        metadata={"description": "What holds one of them waits for an administrator."},
    )
