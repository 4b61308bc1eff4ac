"""Events as clients send them."""

from datetime import datetime, timedelta
from typing import Any

import orjson
from marshmallow import ValidationError, fields, pre_load, validate, validates_schema

from mixillo.blueprints.analytics.models import CUSTOM, DESKTOP, DEVICE_TYPES, EVENT_TYPES, MOBILE, RELATED, UNKNOWN
from mixillo.blueprints.analytics.schemas import plain
from mixillo.core import clock
from mixillo.core.schemas import BaseSchema, Id, Text, Timestamp

MOST_EVENTS = 500
EVENT_ID = r"^[A-Za-z0-9_.:-]{1,64}\Z"
MOST_DATA_BYTES = 4096
LONGEST_SECONDS = 86_400
# Phones send what they could not send before; clocks go wrong by minutes.
OLDEST, MOST_AHEAD = timedelta(days=7), timedelta(minutes=5)
# How the first clients call the kinds of events and the devices.
OLDER_TYPES = {
    "content_view": "page_view", "profile_view": "page_view", "search": "product_search", "click": "banner_click",
    "impression": CUSTOM, "engagement": CUSTOM,
}  # fmt: skip
OLDER_DEVICES = {
    "ios": {"type": MOBILE, "os": "iOS"}, "android": {"type": MOBILE, "os": "Android"}, "web": {"type": DESKTOP},
    "other": {"type": UNKNOWN},
}  # fmt: skip


EXAMPLE: dict[str, Any] = {
    "eventId": "0f8fad5b-d9cb-469f-a165-70867728950e", "eventType": "page_view", "sessionId": "s-7f3a",
    "device": {"type": "mobile", "os": "iOS"}, "location": {"country": "Portugal"}, "duration": 12.5,
    "metadata": {"path": "/shop"},
}  # fmt: skip


def small(value: dict[str, Any]) -> None:
    """Accept an object whose JSON is small and whose names can be stored.

    :raises ValidationError: it is not.
    """
    if len(orjson.dumps(value)) > MOST_DATA_BYTES:
        raise ValidationError(f"Must not be larger than {MOST_DATA_BYTES:,} bytes of JSON.")
    if not _storable(value):
        raise ValidationError("Names must not be empty, hold a dot or begin with a dollar sign.")


def _storable(value: Any) -> bool:
    if isinstance(value, dict):
        named = all(name and "." not in name and not name.startswith("$") for name in value)
        return named and all(_storable(each) for each in value.values())
    return all(_storable(each) for each in value) if isinstance(value, list) else True


def recent(moment: datetime) -> None:
    """Accept a moment of the last days.

    :raises ValidationError: it is older, or in the future.
    """
    if moment.tzinfo is None:
        raise ValidationError("Must say its time zone.")
    if not clock.now() - OLDEST <= moment <= clock.now() + MOST_AHEAD:
        raise ValidationError(f"Must be within the last {OLDEST.days} days, and not in the future.")


RelatedSchema = BaseSchema.from_dict({name: Id() for name in RELATED}, name="EventRelated")


class EventDeviceSchema(BaseSchema):
    """What the event happened on."""

    type = fields.String(validate=validate.OneOf(DEVICE_TYPES))
    os = Text(max_length=64)
    browser = Text(max_length=64)


class EventPlaceSchema(BaseSchema):
    """Where it happened, as coarse as the client says it. Addresses are not kept."""

    country = Text(max_length=64)
    city = Text(max_length=64)


class EventOriginSchema(BaseSchema):
    """The page that it happened on."""

    referrer = Text(max_length=500)
    path = Text(max_length=500)
    query = fields.Dict(keys=fields.String(), validate=small)


class EventSchema(BaseSchema):
    """Something that happened in a client."""

    eventId = fields.String(
        validate=validate.Regexp(EVENT_ID),
        metadata={"description": "The client's own id of the event: sent again, it counts once."},
    )
    eventType = fields.String(required=True, validate=validate.OneOf(EVENT_TYPES))
    timestamp = Timestamp(
        validate=recent, metadata={"description": "When it happened, in the last 7 days; now, unless told."}
    )
    sessionId = fields.String(validate=validate.Regexp(EVENT_ID))
    relatedEntities = fields.Nested(RelatedSchema)
    data = fields.Dict(keys=fields.String(), validate=small)
    device = fields.Nested(EventDeviceSchema)
    location = fields.Nested(EventPlaceSchema)
    duration = fields.Float(
        validate=validate.Range(min=0, max=LONGEST_SECONDS), allow_nan=False, metadata={"description": "Seconds."}
    )
    metadata = fields.Nested(EventOriginSchema)


class Events(fields.List):
    """Events: what is plainly right is taken as it is, the schema looks at the rest.

    The schema alone would take two thirds of the time of a batch; see `docs/decisions/0016`.
    """

    def __init__(self, **keywords: Any) -> None:
        super().__init__(fields.Nested(EventSchema), validate=validate.Length(min=1, max=MOST_EVENTS), **keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > MOST_EVENTS:
            raise ValidationError(f"At most {MOST_EVENTS} at a time.")
        now = clock.now()
        taken: list[Any] = [plain.taken(event, now - OLDEST, now + MOST_AHEAD) for event in value]
        errors: dict[int, Any] = {}
        for place, event in enumerate(taken):
            if event is None:
                try:
                    taken[place] = self.inner.deserialize(value[place])
                except ValidationError as error:
                    errors[place] = error.messages
        if errors:
            raise ValidationError(errors)
        return taken


class BatchSchema(BaseSchema):
    """Up to 500 events."""

    events = Events(required=True)


class TrackSchema(EventSchema):
    """One event; or several in ``events``; or one in the words of the first clients (``type``, ``event``)."""

    eventType = fields.String(validate=validate.OneOf(EVENT_TYPES))
    events = Events()

    @pre_load
    def in_one_form(self, data: Any, **_keywords: Any) -> Any:
        """Turn what the first clients send into an event."""
        return _renamed(data) if isinstance(data, dict) and ("type" in data or "event" in data) else data

    @validates_schema
    def one_or_many(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Need an event, or events."""
        if "events" not in data and "eventType" not in data:
            raise ValidationError("Missing data for required field.", "eventType")
        if "events" in data and len(data) > 1:
            raise ValidationError("Send one event, or several in `events`.", "events")


def _renamed(given: dict[str, Any]) -> dict[str, Any]:
    """Return an event of the first clients: ``{event, type, metrics?, contentId?, device?}``."""
    named = {name: given[name] for name in ("event", "type", "metrics") if name in given}
    rest = {name: value for name, value in given.items() if name not in (*named, "contentId", "device")}
    kind = given.get("type", CUSTOM)
    event = rest | {"eventType": OLDER_TYPES.get(kind, kind) if isinstance(kind, str) else kind, "data": named}
    if given.get("contentId") is not None:
        event["relatedEntities"] = {"contentId": given["contentId"]}
    device = given.get("device")
    if device is not None:
        event["device"] = OLDER_DEVICES.get(device, device) if isinstance(device, str) else device
    return event
