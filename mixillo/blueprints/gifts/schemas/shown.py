"""What goes out."""

from marshmallow import fields, validate

from mixillo.blueprints.gifts.models import CONTEXTS, STATUSES
from mixillo.core.money import CURRENCIES
from mixillo.core.schemas import BaseSchema, Id, Timestamp, UserSummary


class GiftSchema(BaseSchema):
    """A gift of the catalogue, under the stored names and those of the mobile app."""

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "Rose"})
    description = fields.String(required=True, allow_none=True)
    price = fields.Float(required=True, metadata={"example": 5})
    coinPrice = fields.Float(required=True, metadata={"example": 5})
    currency = fields.String(required=True, validate=validate.OneOf(CURRENCIES), metadata={"example": "coins"})
    icon = fields.String(required=True, metadata={"example": "https://cdn.example.com/gifts/rose.png"})
    imageUrl = fields.String(required=True, metadata={"example": "https://cdn.example.com/gifts/rose.png"})
    animation = fields.String(required=True, metadata={"example": "float"})
    animationUrl = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, metadata={"example": "standard"})
    rarity = fields.String(required=True, metadata={"example": "common"})
    isActive = fields.Boolean(required=True)
    active = fields.Boolean(required=True)
    isFeatured = fields.Boolean(required=True)
    featured = fields.Boolean(required=True)
    isLimitedEdition = fields.Boolean(required=True)
    availableFrom = Timestamp(required=True, allow_none=True)
    availableUntil = Timestamp(required=True, allow_none=True)
    creatorEarningsPercent = fields.Float(required=True, metadata={"example": 70})
    sortOrder = fields.Integer(required=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class SentGiftSchema(BaseSchema):
    """The gift of a record, as it was when it was sent."""

    _id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "Rose"})
    icon = fields.String(required=True)
    imageUrl = fields.String(required=True)
    animation = fields.String(required=True)
    price = fields.Float(required=True)
    coinPrice = fields.Float(required=True)


class GiftTransactionSchema(BaseSchema):
    """The record of a gift; of an anonymous one only its sender sees ``senderId`` and ``sender``."""

    _id = Id(required=True)
    id = Id(required=True)
    giftId = Id(required=True)
    gift = fields.Nested(SentGiftSchema, required=True)
    senderId = Id(required=True, allow_none=True)
    sender = fields.Nested(UserSummary, required=True, allow_none=True)
    recipientId = Id(required=True)
    recipient = fields.Nested(UserSummary, required=True, allow_none=True)
    context = fields.String(required=True, validate=validate.OneOf(CONTEXTS))
    livestreamId = Id(required=True, allow_none=True)
    liveStreamId = Id(required=True, allow_none=True)
    contentId = Id(required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    unitPrice = fields.Float(required=True)
    totalCost = fields.Float(required=True)
    totalCoinCost = fields.Float(required=True)
    currency = fields.String(required=True)
    creatorEarnings = fields.Float(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    message = fields.String(required=True, allow_none=True)
    isAnonymous = fields.Boolean(required=True)
    createdAt = Timestamp(required=True)


class RankSchema(BaseSchema):
    """One line of a leaderboard: coins spent by a sender, or earned by a creator."""

    rank = fields.Integer(required=True)
    userId = Id(required=True)
    user = fields.Nested(UserSummary, required=True)
    totalCoins = fields.Integer(required=True)
    totalGifts = fields.Integer(required=True)


class HeldSchema(BaseSchema):
    """How much of one gift somebody has received."""

    giftId = Id(required=True)
    gift = fields.Nested(GiftSchema, required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    earnings = fields.Integer(required=True)
    lastReceivedAt = Timestamp(required=True)


class GivenSchema(BaseSchema):
    """What somebody has given altogether: coins, pieces, how often and on how many days (UTC)."""

    spent = fields.Integer(required=True)
    gifts = fields.Integer(required=True)
    times = fields.Integer(required=True)
    days = fields.Integer(required=True)


class ReceivedSchema(BaseSchema):
    """What somebody has received altogether: coins, pieces, how often and from how many people."""

    earned = fields.Integer(required=True)
    gifts = fields.Integer(required=True)
    times = fields.Integer(required=True)
    supporters = fields.Integer(required=True)
