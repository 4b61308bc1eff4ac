"""Shapes of packages, tiers, badges and leaderboards."""

from typing import Any

from marshmallow import fields, post_load, validate

from mixillo.blueprints.gifts.queries.rankings import ALL, TIMEFRAMES
from mixillo.blueprints.gifts.schemas import SendSchema
from mixillo.blueprints.supporters.models import ACTIVE, CATEGORIES, INACTIVE, RARITIES
from mixillo.core.money import FIAT
from mixillo.core.schemas import BaseSchema, Id, Limit, PageQuery, QuerySchema, Text, Timestamp, UserSummary

EVER = "alltime"  # what some clients call `all`
PERIODS = (*TIMEFRAMES, EVER)
LONGEST_NOTE = 300


class StandingSchema(BaseSchema):
    """Where somebody stands."""

    spent = fields.Integer(required=True, metadata={"description": "Coins given away in gifts, ever."})
    tier = fields.Nested(lambda: TierSchema(), required=True, allow_none=True)
    nextTier = fields.Nested(lambda: TierSchema(), required=True, allow_none=True)
    toNextTier = fields.Integer(required=True, allow_none=True)


class CreditPriceSchema(BaseSchema):
    """A price in units of its currency."""

    amount = fields.Float(required=True, metadata={"example": 4.99})
    currency = fields.String(required=True, validate=validate.OneOf(FIAT))


class CreditPackageSchema(BaseSchema):
    """Credits for money."""

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "basic"})
    displayName = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    credits = fields.Integer(required=True, metadata={"example": 500})
    bonusCredits = fields.Integer(required=True)
    totalCredits = fields.Integer(required=True)
    firstTimeBonusCredits = fields.Integer(required=True)
    price = fields.Nested(CreditPriceSchema, required=True)
    discountPercentage = fields.Integer(required=True)
    popular = fields.Boolean(required=True)
    featured = fields.Boolean(required=True)
    minUserLevel = fields.Integer(
        required=True, metadata={"description": "The lowest tier, counted from 1, that may buy it."}
    )
    icon = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    order = fields.Integer(required=True)


class TierSchema(BaseSchema):
    """A level of supporters."""

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "silver"})
    displayName = fields.String(required=True)
    tier = fields.Integer(required=True)
    totalSpent = fields.Integer(required=True, metadata={"description": "Coins given away that reach it."})
    discountPercentage = fields.Integer(required=True)
    bonusCreditsMultiplier = fields.Float(required=True)
    features = fields.List(fields.String(), required=True)
    color = fields.String(required=True, allow_none=True)
    icon = fields.String(required=True, allow_none=True)


class RequirementSchema(BaseSchema):
    """What earns a badge."""

    type = fields.String(required=True, metadata={"example": "gifts_sent"})
    value = fields.Integer(required=True)
    description = fields.String(required=True, allow_none=True)


class BadgeSchema(BaseSchema):
    """A badge."""

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "first_gift"})
    displayName = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)
    imageUrl = fields.String(required=True, allow_none=True)
    color = fields.String(required=True, allow_none=True)
    rarity = fields.String(required=True)
    requirements = fields.List(fields.Nested(RequirementSchema), required=True)
    benefits = fields.List(fields.String(), required=True)
    pointValue = fields.Integer(required=True)
    featured = fields.Boolean(required=True)
    active = fields.Boolean(required=True)
    sortOrder = fields.Integer(required=True)


class HeldBadgeSchema(BaseSchema):
    """A badge that somebody holds."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    badgeId = Id(required=True)
    badge = fields.Nested(BadgeSchema, required=True)
    awardedAt = Timestamp(required=True)
    awardedBy = fields.String(required=True)
    expiresAt = Timestamp(required=True, allow_none=True)


class ProgressSchema(BaseSchema):
    """How far somebody is with a badge."""

    badge = fields.Nested(BadgeSchema, required=True)
    earned = fields.Boolean(required=True)
    current = fields.Integer(required=True)
    target = fields.Integer(required=True)
    percentage = fields.Integer(required=True)


class BadgeStatsSchema(BaseSchema):
    """How many badges somebody holds, of how many there are, and what they are worth."""

    earned = fields.Integer(required=True)
    total = fields.Integer(required=True)
    points = fields.Integer(required=True)
    byRarity = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class SpenderSchema(BaseSchema):
    """One line of the leaderboard of buyers."""

    rank = fields.Integer(required=True)
    userId = Id(required=True)
    user = fields.Nested(UserSummary, required=True)
    totalCoins = fields.Integer(required=True)
    purchases = fields.Integer(required=True)


class CreditQuoteSchema(BaseSchema):
    """What a package costs one buyer, and what it brings."""

    packageId = Id(required=True)
    price = fields.Nested(CreditPriceSchema, required=True)
    discount = fields.Float(required=True, metadata={"description": "What the price is lower by.", "example": 0.5})
    credits = fields.Integer(required=True)
    bonusCredits = fields.Integer(required=True)
    tierBonus = fields.Integer(required=True)
    firstTimeBonus = fields.Integer(required=True, metadata={"description": "Nothing after the first purchase."})
    totalCredits = fields.Integer(required=True)
    isFirstPurchase = fields.Boolean(required=True)
    tier = fields.String(required=True, allow_none=True)


class CreditPackagesQuery(QuerySchema):
    """Which packages."""

    status = fields.String(validate=validate.OneOf((ACTIVE, INACTIVE)))
    featured = fields.Boolean()
    popular = fields.Boolean()


class BadgesQuery(PageQuery):
    """Which badges."""

    rarity = fields.String(validate=validate.OneOf(RARITIES))
    category = fields.String(validate=validate.OneOf(CATEGORIES))
    status = fields.String(validate=validate.OneOf((ACTIVE, INACTIVE)))
    featured = fields.Boolean()


class HeldBadgesQuery(PageQuery):
    """Whether badges that have run out are listed too."""

    includeExpired = fields.Boolean(load_default=False)


class SupportersQuery(QuerySchema):
    """Over which time: since midnight (UTC), for seven or thirty days, or ever."""

    period = fields.String(validate=validate.OneOf(PERIODS), metadata={"description": f"`{EVER}` is `{ALL}`."})
    timeframe = fields.String(validate=validate.OneOf(PERIODS), metadata={"description": "The same as `period`."})
    limit = Limit(10)

    @post_load
    def name_timeframe(self, query: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Give both names of the timeframe one meaning."""
        asked = query.pop("period", None) or query.get("timeframe") or ALL
        return query | {"timeframe": ALL if asked == EVER else asked}


class CreatorSupportersQuery(SupportersQuery):
    """Those who support one creator, or anybody."""

    creatorId = Id()


class CreditPurchaseSchema(BaseSchema):
    """What to buy, and how to pay."""

    packageId = Id(required=True)
    paymentMethodId = Text(max_length=200)


class AwardSchema(BaseSchema):
    """Which badge for whom, and why."""

    userId = Id(required=True)
    badgeId = Id(required=True)
    note = Text(max_length=LONGEST_NOTE)


class SupporterSendSchema(SendSchema):
    """What to give to whom, under the names of the supporters' screens."""

    class Meta(BaseSchema.Meta):
        """What has another name here."""

        exclude = ("recipientId", "isAnonymous")

    receiverId = Id(required=True)
    anonymous = fields.Boolean(truthy={True}, falsy={False}, load_default=False)

    @post_load
    def collect(self, data: dict[str, Any], **keywords: Any) -> dict[str, Any]:
        """Return ``data`` under the names that gifts have elsewhere."""
        names = {"recipientId": data["receiverId"], "isAnonymous": data["anonymous"]}
        return super().collect(data | names, **keywords)


class GiftsSentQuery(PageQuery):
    """Which side of one's gifts."""

    type = fields.String(load_default="sent", validate=validate.OneOf(("sent", "received")))


class ThanksSchema(BaseSchema):
    """A few words to somebody who sent a gift."""

    message = Text(required=True, min_length=1, max_length=LONGEST_NOTE)
