"""What clients send about notifications."""

import re
from typing import Any
from zoneinfo import available_timezones

from bson import ObjectId
from marshmallow import ValidationError, fields, post_load, pre_load, validate

from mixillo.blueprints.notifications.models import CHANNELS, SYSTEM, TYPES
from mixillo.blueprints.notifications.services.broadcasting import ALL, RECIPIENTS, SEGMENT, SEGMENTS, SPECIFIC
from mixillo.core.schemas import BaseSchema, Id, Limit, PageQuery, Text

MOST_TARGETS = 1_000
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
OTHER_NAMES = {"message": "body", "link": "actionUrl"}


def _yes_or_no() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False})


class NotificationsQuery(PageQuery):
    """Which notifications to list."""

    limit = Limit(50)
    type = fields.String(validate=validate.OneOf(TYPES))
    unreadOnly = fields.Boolean(load_default=False)


class BroadcastsQuery(PageQuery):
    """Which messages to many to list."""

    type = fields.String(validate=validate.OneOf(TYPES))


class ChannelChangesSchema(BaseSchema):
    """How to be told of one type; what is not sent stays as it is."""

    inApp = _yes_or_no()
    push = _yes_or_no()
    email = _yes_or_no()


def _time_of_day(text: str) -> None:
    if not TIME.fullmatch(text):
        raise ValidationError("Must be a time of day such as 22:00.")


def _zone(text: str) -> None:
    if text != "UTC" and text not in available_timezones():
        raise ValidationError("Must be the name of a time zone such as Europe/Lisbon.")


class QuietHoursChangesSchema(BaseSchema):
    """When nothing is to ring; what is not sent stays as it is."""

    enabled = _yes_or_no()
    start = fields.String(validate=_time_of_day, metadata={"example": "22:00"})
    end = fields.String(validate=_time_of_day, metadata={"example": "07:00"})
    timezone = fields.String(validate=[validate.Length(max=64), _zone], metadata={"example": "Europe/Lisbon"})


class PreferencesChangesSchema(BaseSchema):
    """How to be told of which type from now on; what is not sent stays as it is."""

    types = fields.Dict(
        keys=fields.String(validate=validate.OneOf(TYPES)),
        values=fields.Nested(ChannelChangesSchema),
        metadata={"description": f"Of each type: {', '.join(CHANNELS)}."},
    )
    quietHours = fields.Nested(QuietHoursChangesSchema)


class BroadcastToSchema(BaseSchema):
    """A message to all, to a segment, or to `userIds` (also `targetUsers`, ids with commas between them)."""

    title = Text(required=True, min_length=1, max_length=100)
    message = Text(required=True, min_length=1, max_length=1_000, metadata={"description": "Also `body`."})
    type = fields.String(load_default=SYSTEM, validate=validate.OneOf(TYPES))
    recipientType = fields.String(load_default=ALL, validate=validate.OneOf(RECIPIENTS))
    targetSegment = fields.String(validate=validate.OneOf(list(SEGMENTS)), allow_none=True)
    userIds = fields.List(Id(), validate=validate.Length(max=MOST_TARGETS))
    link = Text(max_length=2_048, allow_none=True, metadata={"description": "Also `actionUrl`; a path or an address."})
    imageUrl = Text(max_length=2_048, allow_none=True)

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Take the other names of clients."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        for name, other in OTHER_NAMES.items():
            if other in data and name not in data:
                data[name] = data.pop(other)
        targets = data.pop("targetUsers", None)
        if isinstance(targets, str):
            targets = [each.strip() for each in targets.split(",") if each.strip()]
        if targets and "userIds" not in data:
            data["userIds"] = targets
        return data

    @post_load
    def meant(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with ids as ids.

        :raises ValidationError: it does not say to whom, or its link leads somewhere else than to a page.
        """
        if data["recipientType"] == SPECIFIC and not data.get("userIds"):
            raise ValidationError("Name who is to be told.", "userIds")
        if data["recipientType"] == SEGMENT and not data.get("targetSegment"):
            raise ValidationError("Name the segment.", "targetSegment")
        for name in ("link", "imageUrl"):
            if (address := data.get(name)) and not re.match(r"(https?://[^/\s]|/(?!/))", address):
                raise ValidationError("Must be a web address, or a path that starts with /.", name)
        return data | {"userIds": [ObjectId(each) for each in dict.fromkeys(data.get("userIds", []))]}
