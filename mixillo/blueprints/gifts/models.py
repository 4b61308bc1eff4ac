"""Gifts and the record of each one sent, with the stored field names of the existing collections."""

from mongoengine import BooleanField, DateTimeField, DynamicField, IntField, StringField
from pymongo import IndexModel

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref
from mixillo.core.money import COINS, CURRENCIES

ANIMATIONS = ("none", "float", "pulse", "sparkle", "shine", "explode", "confetti", "fireworks")
RARITIES = ("common", "rare", "epic", "legendary")
LIVESTREAM, VIDEO, PROFILE, MESSAGE = CONTEXTS = ("livestream", "video", "profile", "message")
COMPLETED = "completed"
STATUSES = ("pending", COMPLETED, "failed", "refunded")
CATEGORY = "standard"
# What the creator gets of a gift that does not say so itself, in percent.
CREATOR_EARNINGS_PERCENT = 70

NEWEST = [("createdAt", -1), ("_id", -1)]
_AMOUNTS = [("totalCost", 1), ("quantity", 1)]


class Gift(BaseDocument):
    """Something to give. ``price`` is in units of ``currency``; only what is priced in coins can be sent.

    ``timesSent``, ``popularity`` and ``totalRevenue`` follow what was sent, see `services.counting`.
    """

    meta = {"collection": "gifts"}

    name = StringField(required=True)
    description = StringField()
    price = DynamicField(required=True)
    currency = StringField(default=COINS, choices=CURRENCIES)
    icon = StringField(required=True)
    animationUrl = StringField()
    animation = StringField(default="none", choices=ANIMATIONS)
    category = StringField(default=CATEGORY)
    rarity = StringField(default="common", choices=RARITIES)
    isActive = BooleanField(default=True)
    isFeatured = BooleanField(default=False)
    isLimitedEdition = BooleanField(default=False)
    availableFrom = DateTimeField()
    availableUntil = DateTimeField()
    popularity = IntField(default=0)
    timesSent = IntField(default=0)
    totalRevenue = IntField(default=0)
    creatorEarningsPercent = DynamicField(default=CREATOR_EARNINGS_PERCENT)
    sortOrder = IntField(default=0)
    updatedAt = DateTimeField(default=clock.now)


class GiftTransaction(BaseDocument):
    """One gift from somebody to a creator: what it cost, what of it arrived and what the house kept.

    It is stored in the transaction that moves the coins and never changes. ``walletTransactionId`` is the sender's
    row. Of an anonymous gift only its sender learns ``senderId``.
    """

    meta = {"collection": "gifttransactions"}

    # The two long ones hold all that totals and rankings add up, so that these read nothing else.
    INDEXES = (
        IndexModel([("senderId", 1), *NEWEST]),
        IndexModel([("recipientId", 1), *NEWEST]),
        IndexModel([("senderId", 1), ("status", 1), ("createdAt", -1), *_AMOUNTS], name="given"),
        IndexModel(
            [
                ("recipientId", 1), ("status", 1), ("createdAt", -1), ("senderId", 1), ("giftId", 1),
                ("isAnonymous", 1), ("creatorEarnings", 1), *_AMOUNTS,
            ],
            name="received",
        ),
        IndexModel(
            [
                ("status", 1), ("createdAt", -1), ("senderId", 1), ("recipientId", 1), ("giftId", 1),
                ("isAnonymous", 1), ("creatorEarnings", 1), *_AMOUNTS,
            ],
            name="ranked",
        ),
        IndexModel([("giftId", 1), ("status", 1), *_AMOUNTS]),
        IndexModel([("livestreamId", 1), *NEWEST], partialFilterExpression={"livestreamId": {"$exists": True}}),
        IndexModel([("contentId", 1), *NEWEST], partialFilterExpression={"contentId": {"$exists": True}}),
    )  # fmt: skip

    giftId = Ref("gifts", required=True)
    senderId = Ref("users", required=True)
    recipientId = Ref("users", required=True)
    context = StringField(required=True, choices=CONTEXTS)
    livestreamId = Ref("livestreams")
    contentId = Ref("contents")
    messageId = Ref("messages")
    quantity = IntField(default=1)
    unitPrice = DynamicField(required=True)
    totalCost = DynamicField(required=True)
    currency = StringField(default=COINS)
    creatorEarnings = DynamicField(required=True)
    platformFee = DynamicField(required=True)
    giftName = StringField()
    giftIcon = StringField()
    giftAnimation = StringField()
    status = StringField(default=COMPLETED, choices=STATUSES)
    message = StringField()
    isAnonymous = BooleanField(default=False)
    isPublic = BooleanField(default=True)
    walletTransactionId = Ref("transactions")
