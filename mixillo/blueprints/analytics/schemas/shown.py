"""Figures as the API shows them."""

from marshmallow import fields

from mixillo.blueprints.analytics.queries import platform
from mixillo.blueprints.analytics.queries.periods import ADDED
from mixillo.blueprints.uploads.queries import figures
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


def numbers(name: str, *names: str, **more: fields.Field) -> type[BaseSchema]:
    """Return a schema of figures: ``names`` are numbers that are always there."""
    return BaseSchema.from_dict({each: fields.Float(required=True) for each in names} | more, name=f"Figures{name}")  # type: ignore[return-value]


SUMS = {section: numbers(section.title(), *names) for section, names in ADDED.items()}


class FiguresPeriod(BaseSchema):
    """The days that figures are of, both included."""

    startDate = Timestamp(required=True)
    endDate = Timestamp(required=True)
    days = fields.Integer(required=True)


class FiguresChange(BaseSchema):
    """A figure beside that of the period before."""

    current = fields.Float(required=True)
    previous = fields.Float(required=True)
    changePercent = fields.Float(required=True, allow_none=True)
    direction = fields.String(required=True, metadata={"example": "up"})


GROWTH = fields.Dict(keys=fields.String(), values=fields.Nested(FiguresChange), required=True)


OVERVIEW: dict[str, fields.Field] = {
    "period": fields.Nested(FiguresPeriod, required=True),
    "users": fields.Nested(numbers("People", "total", "active", "new"), required=True),
    "content": fields.Nested(numbers("Posts", "total", *ADDED["content"]), required=True),
    "orders": fields.Nested(numbers("Sales", "total", "revenue"), required=True),
    "gifts": fields.Nested(SUMS["gifts"], required=True),
    "revenue": fields.Nested(SUMS["revenue"], required=True),
    "engagement": fields.Nested(numbers("Visits", *ADDED["engagement"], "avgSessionDuration"), required=True),
    "growth": GROWTH,
}


class ContentFigures(BaseSchema):
    """A post as figures name it."""

    _id = Id(required=True)
    userId = Id(required=True, allow_none=True)
    type = fields.String(required=True)
    caption = fields.String(required=True, allow_none=True)
    thumbnailUrl = fields.String(required=True, allow_none=True)
    viewsCount = fields.Integer(required=True)
    likesCount = fields.Integer(required=True)
    commentsCount = fields.Integer(required=True)
    sharesCount = fields.Integer(required=True)
    savesCount = fields.Integer(required=True)


class FiguresKind(BaseSchema):
    """So many posts of a type."""

    type = fields.String(required=True)
    count = fields.Integer(required=True)


KINDS = fields.List(fields.Nested(FiguresKind), required=True)
CONTENTS = fields.List(fields.Nested(ContentFigures), required=True)
POSTS: dict[str, fields.Field] = {
    "totalContent": fields.Integer(required=True),
    **{f"total{name.title()}": fields.Integer(required=True) for name in platform.COUNTED},
    "contentByType": KINDS,
    "topPerformingContent": CONTENTS,
}


class FiguresStored(FiguresKind):
    """So many bytes of a kind of file."""

    size = fields.Integer(required=True)


STORAGE: dict[str, fields.Field] = {
    "totalFiles": fields.Integer(required=True),
    "totalSize": fields.Integer(required=True, metadata={"description": "Bytes."}),
    **{f"{kind}{what}": fields.Integer(required=True) for kind in figures.FAMILIES for what in ("Count", "Size")},
    "breakdown": fields.List(fields.Nested(FiguresStored), required=True),
}


class FiguresCreator(BaseSchema):
    """Somebody whose posts were seen."""

    userId = Id(required=True)
    user = fields.Nested(UserSummary, required=True, allow_none=True)
    views = fields.Integer(required=True)
    likes = fields.Integer(required=True)
    coins = fields.Integer(required=True)


class FiguresRevenueDay(BaseSchema):
    """What came in on a day."""

    date = Timestamp(required=True)
    revenue = fields.Float(required=True)


ADVANCED: dict[str, fields.Field] = {
    "period": fields.Nested(FiguresPeriod, required=True),
    "growth": GROWTH,
    "contentTypes": KINDS,
    "topCreators": fields.List(fields.Nested(FiguresCreator), required=True),
    "revenueByDay": fields.List(fields.Nested(FiguresRevenueDay), required=True),
    "engagement": fields.Nested(numbers("Reactions", *ADDED["content"], "pageViews"), required=True),
    "devices": fields.Nested(SUMS["devices"], required=True),
}


def section(name: str) -> dict[str, fields.Field]:
    """Return the members of the answer about a section of the platform's figures."""
    sums: dict[str, fields.Field] = {each: fields.Nested(SUMS[each], required=True) for each in platform.SECTIONS[name]}
    # Rows of the existing system hold what its model had.
    rows: dict[str, fields.Field] = {
        each: fields.Dict(keys=fields.String(), required=True) for each in platform.SECTIONS[name]
    }
    daily = BaseSchema.from_dict({"date": Timestamp(required=True)} | rows, name=f"Figures{name.title()}Row")
    return {
        "period": fields.Nested(FiguresPeriod, required=True),
        "totals": fields.Nested(BaseSchema.from_dict(sums, name=f"Figures{name.title()}Sums"), required=True),
        "daily": fields.List(fields.Nested(daily), required=True),
    }


class FiguresTrendPoint(BaseSchema):
    """A metric on a day."""

    date = Timestamp(required=True)
    value = fields.Float(required=True)


class FiguresTrendAnalysis(BaseSchema):
    """The later half of the days beside the earlier."""

    recentAverage = fields.Float(required=True)
    previousAverage = fields.Float(required=True)
    changePercent = fields.Float(required=True, allow_none=True)
    direction = fields.String(required=True, metadata={"example": "up"})


TREND: dict[str, fields.Field] = {
    "metric": fields.String(required=True),
    "trend": fields.List(fields.Nested(FiguresTrendPoint), required=True),
    "analysis": fields.Nested(FiguresTrendAnalysis, required=True),
}


class FiguresSegment(BaseSchema):
    """A segment and how many are in it."""

    segment = fields.String(required=True, metadata={"example": "loyal"})
    users = fields.Integer(required=True)
    percent = fields.Float(required=True)


SEGMENTS: dict[str, fields.Field] = {
    "total": fields.Integer(required=True),
    "averageScore": fields.Float(required=True),
    "segments": fields.List(fields.Nested(FiguresSegment), required=True),
}


class FiguresKindCount(BaseSchema):
    """So many events of a kind, which is its ``_id``."""

    _id = fields.String(required=True, metadata={"example": "page_view"})
    count = fields.Integer(required=True)


REALTIME: dict[str, fields.Field] = {
    "activeUsers": fields.Integer(required=True),
    "recentEvents": fields.List(fields.Nested(FiguresKindCount), required=True),
    "recentPurchases": fields.Integer(required=True),
    "recentGifts": fields.Integer(required=True),
    "timestamp": Timestamp(required=True),
}


class FiguresEventsDay(BaseSchema):
    """The events of a day, and how many people who were signed in they are of."""

    date = Timestamp(required=True)
    count = fields.Integer(required=True)
    uniqueUsers = fields.Integer(required=True)
