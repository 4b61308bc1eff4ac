"""What clients ask for in lists of posts."""

from typing import Any

from bson import ObjectId
from marshmallow import fields, post_load, pre_load, validate

from mixillo.blueprints.content.models import POST_TYPES, STATUSES, TYPES
from mixillo.blueprints.content.queries.browsing import ORDERS
from mixillo.blueprints.content.queries.trending import PERIODS
from mixillo.core.schemas import Id, Limit, PageQuery, QuerySchema, Text

IDS = ("userId", "soundId")


class ContentsQuery(PageQuery):
    """Which posts to list."""

    type = fields.String(validate=validate.OneOf(TYPES))
    postType = fields.String(validate=validate.OneOf(POST_TYPES))
    userId = Id()
    soundId = Id()
    hashtag = Text(min_length=1, max_length=100)
    sortBy = fields.String(load_default="publishedAt", validate=validate.OneOf(ORDERS))

    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids."""
        return data | {name: ObjectId(data[name]) for name in IDS if name in data}


class OwnContentsQuery(PageQuery):
    """Which of one's own posts to list."""

    status = fields.String(validate=validate.OneOf(STATUSES))
    isDeleted = fields.Boolean(load_default=False, metadata={"description": "`true` lists what can be restored."})


class SavedQuery(PageQuery):
    """Which saved posts to list."""

    collection = Text(min_length=1, max_length=50)


class TrendingQuery(QuerySchema):
    """What is popular since when."""

    limit = Limit()
    timeframe = fields.String(load_default="24h", validate=validate.OneOf(list(PERIODS)))

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Take `period`, as the mobile app calls it."""
        return {**data, "timeframe": data["period"]} if "period" in data and "timeframe" not in data else data


class FeedQuery(PageQuery):
    """Where a feed continues; `following=true` leaves it to those whom one follows."""

    following = fields.Boolean(load_default=False)
