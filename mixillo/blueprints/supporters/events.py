"""Live events of supporters."""

from marshmallow import fields

from mixillo.core import events
from mixillo.core.schemas import BaseSchema, Id, Timestamp


class BadgeEarnedSchema(BaseSchema):
    """The badge, and since when it is held."""

    badgeId = Id(required=True)
    name = fields.String(required=True)
    displayName = fields.String(required=True)
    imageUrl = fields.String(required=True, allow_none=True)
    rarity = fields.String(required=True)
    awardedAt = Timestamp(required=True)


BADGE_EARNED = events.declare(
    "badge:earned",
    BadgeEarnedSchema,
    hearers="who earned it",
    when="a badge was reached, or awarded by an administrator",
)
