"""What clients ask of figures."""

from datetime import UTC, date, datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validate

from mixillo.blueprints.analytics.models import EVENT_TYPES
from mixillo.blueprints.analytics.queries import platform
from mixillo.blueprints.analytics.queries.days import Day
from mixillo.blueprints.analytics.queries.periods import DEFAULT, MOST_DAYS, NAMED, Period
from mixillo.core.schemas import Limit, QuerySchema

PLATFORM, USERS, EVENTS = EXPORTS = ("platform", "users", "events")
# Beyond them days cannot be reckoned with any more.
FIRST_YEAR, LAST_YEAR = 2000, 2100
JSON, CSV = FORMATS = ("json", "csv")


class DayField(fields.Field):
    """A day: ``2026-01-31``, or a moment of it."""

    def __init__(self, **keywords: Any) -> None:
        keywords.setdefault("metadata", {"type": "string", "format": "date", "example": "2026-01-31"})
        super().__init__(**keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **keywords: Any) -> Day:
        day = _day(value)
        if not FIRST_YEAR <= day.start.year <= LAST_YEAR:
            raise ValidationError(f"Must be between {FIRST_YEAR} and {LAST_YEAR}.")
        return day


def _day(text: str) -> Day:
    try:
        if len(text) == len("2026-01-31"):
            day = date.fromisoformat(text)
            return Day(datetime(day.year, day.month, day.day, tzinfo=UTC))
        moment = datetime.fromisoformat(text)
        return Day.of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise ValidationError("Must be a day such as 2026-01-31.") from None


class PeriodQuery(QuerySchema):
    """Which days: the last ones by name, or those from ``startDate`` to ``endDate`` (today, unless told)."""

    period = fields.String(load_default=DEFAULT, validate=validate.OneOf([*NAMED]))
    startDate = DayField()
    endDate = DayField()

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Take `timeRange`, as the administrators' page calls it."""
        return {**data, "period": data["timeRange"]} if "timeRange" in data and "period" not in data else data

    @post_load
    def one_period(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the days that are asked for as ``period``."""
        start, end = data.pop("startDate", None), data.pop("endDate", None)
        period = Period.named(data["period"])
        if start or end:
            end = end or Day.today()
            period = Period(start or end.back(period.days - 1), end)
        if period.first > period.last:
            raise ValidationError("Must not be after endDate.", "startDate")
        if period.days > MOST_DAYS:
            raise ValidationError(f"At most {MOST_DAYS} days at a time.", "startDate")
        return data | {"period": period}


class EventsQuery(PeriodQuery):
    """Which events to count."""

    eventType = fields.String(validate=validate.OneOf(EVENT_TYPES))


class TopQuery(QuerySchema):
    """How many."""

    limit = Limit(10)


class TrendQuery(QuerySchema):
    """A metric, and over how many days."""

    metric = fields.String(load_default="activeUsers", validate=validate.OneOf([*platform.METRICS]))
    days = fields.Integer(load_default=30, validate=validate.Range(min=2, max=MOST_DAYS))


class ExportQuery(PeriodQuery):
    """What to export, and how."""

    type = fields.String(load_default=PLATFORM, validate=validate.OneOf(EXPORTS))
    format = fields.String(load_default=JSON, validate=validate.OneOf(FORMATS))
