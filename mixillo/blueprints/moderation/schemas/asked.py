"""What administrators ask for in lists."""

from typing import Any

from bson import ObjectId
from marshmallow import fields, post_load, validate

from mixillo.blueprints.moderation.models import CASE_STATUSES, KINDS, PENDING, PRIORITIES, REPORT_STATUSES
from mixillo.blueprints.moderation.queries.lists import ALL
from mixillo.core.schemas import Id, PageQuery

IDS = ("reportedId", "reportedUserId", "userId")


class _NamingQuery(PageQuery):
    @post_load
    def with_ids(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids."""
        return data | {name: ObjectId(data[name]) for name in IDS if name in data}


class QueueQuery(PageQuery):
    """Which cases to list."""

    status = fields.String(load_default=PENDING, validate=validate.OneOf([ALL, *CASE_STATUSES]))
    priority = fields.String(validate=validate.OneOf(PRIORITIES))
    contentType = fields.String(validate=validate.OneOf(KINDS))


class ReportsQuery(_NamingQuery):
    """Which reports to list."""

    status = fields.String(load_default=ALL, validate=validate.OneOf([ALL, *REPORT_STATUSES]))
    type = fields.String(validate=validate.OneOf(KINDS))
    reportedId = Id()
    reportedUserId = Id()


class StrikesQuery(_NamingQuery):
    """Which strikes to list."""

    userId = Id()
    isActive = fields.Boolean()
