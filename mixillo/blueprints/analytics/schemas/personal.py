"""A person's figures as the API shows them."""

from marshmallow import fields

from mixillo.blueprints.analytics.queries import creators
from mixillo.blueprints.analytics.schemas.shown import FiguresPeriod, numbers
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


class PersonFigures(BaseSchema):
    """A person's figures of a period."""

    period = fields.Nested(FiguresPeriod, required=True)
    totals = fields.Nested(numbers("Person", *creators.TOTALS), required=True)
    daily = fields.List(
        fields.Nested(numbers("PersonDay", *creators.TOTALS, date=Timestamp(required=True))), required=True
    )  # fmt: skip


INSIGHTS: dict[str, fields.Field] = {
    "userId": Id(required=True),
    "user": fields.Nested(UserSummary, required=True),
    "insights": fields.Nested(PersonFigures, required=True),
    "rfm": fields.Nested(numbers("Rfm", "recency", "frequency", "monetary", "score"), required=True),
    "segment": fields.String(required=True, metadata={"example": "loyal"}),
}


class FiguresGrowthDay(BaseSchema):
    """Who follows at the end of a day, and who began to on it."""

    date = Timestamp(required=True)
    followers = fields.Integer(required=True)
    newFollowers = fields.Integer(required=True)


class FiguresGroup(BaseSchema):
    """A group of followers; those of fewer than five are ``other``."""

    name = fields.String(required=True, metadata={"example": "25-34"})
    count = fields.Integer(required=True)
    percent = fields.Float(required=True)


class FiguresAudience(BaseSchema):
    """Who follows."""

    total = fields.Integer(required=True)
    gender = fields.List(fields.Nested(FiguresGroup), required=True)
    age = fields.List(fields.Nested(FiguresGroup), required=True)
    country = fields.List(fields.Nested(FiguresGroup), required=True)


class FiguresEarningTotal(BaseSchema):
    """What came in in a currency."""

    currency = fields.String(required=True, metadata={"example": "coins"})
    amount = fields.Float(required=True)


class FiguresEarningDay(FiguresEarningTotal):
    """What came in on a day, by kind."""

    date = Timestamp(required=True)
    type = fields.String(required=True, metadata={"example": "gift_received"})
    count = fields.Integer(required=True)


class FiguresEarnings(BaseSchema):
    """What a person earned."""

    period = fields.Nested(FiguresPeriod, required=True)
    totals = fields.List(fields.Nested(FiguresEarningTotal), required=True)
    daily = fields.List(fields.Nested(FiguresEarningDay), required=True)


METRICS_OF_DAYS = fields.List(
    fields.Nested(numbers("ContentDay", "views", "likes", "comments", "shares", date=Timestamp(required=True))),
    required=True,
)
