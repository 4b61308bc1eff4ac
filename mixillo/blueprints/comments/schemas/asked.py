"""What clients ask for in lists of comments."""

from typing import Any

from bson import ObjectId
from marshmallow import fields, post_load, validate

from mixillo.blueprints.comments.models import STATUSES
from mixillo.blueprints.comments.queries.overview import ALL, REPORTED
from mixillo.blueprints.comments.queries.threads import ORDERS
from mixillo.core.schemas import Id, PageQuery, Text

IDS = ("contentId", "userId")


class ThreadQuery(PageQuery):
    """In which order to list the comments on a post."""

    sortBy = fields.String(load_default="newest", validate=validate.OneOf(list(ORDERS)))


class _AboutQuery(PageQuery):
    contentId = Id()
    userId = Id()

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids."""
        return data | {name: ObjectId(data[name]) for name in IDS if name in data}


class CommentsQuery(_AboutQuery, ThreadQuery):
    """Which comments to list; `userId` is not looked at where `contentId` is named."""


class AllCommentsQuery(_AboutQuery):
    """Which comments to list for administrators."""

    status = fields.String(load_default=ALL, validate=validate.OneOf([ALL, REPORTED, *STATUSES]))
    search = Text(min_length=1, max_length=100)
    contentType = fields.String(
        validate=validate.Length(max=50), metadata={"description": "Not looked at: comments are on posts."}
    )
