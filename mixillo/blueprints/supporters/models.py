"""The catalogue of supporters and who holds which badge, with the stored field names of the existing collections.

A credit is a coin: both are counted in the coins wallet of the ledger.
"""

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    DynamicField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntField,
    ListField,
    StringField,
)

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref

ACTIVE, INACTIVE = "active", "inactive"
REQUIREMENTS = GIFTS_SENT, SPENDING, SUPPORTERS_COUNT, DAYS_ACTIVE, GIFTS_RECEIVED = (
    "gifts_sent", "spending", "supporters_count", "days_active", "gifts_received",
)  # fmt: skip
CATEGORIES = ("spending", "gifting", "loyalty", "milestone", "exclusive", "seasonal", "tier", "special")
RARITIES = ("common", "rare", "epic", "legendary", "mythic")
SYSTEM, ADMIN = "system", "admin"


class Price(EmbeddedDocument):
    """What a package costs, before the discount of the buyer's tier; ``amount`` in units of ``currency``."""

    amount = DynamicField(required=True)
    currency = StringField(default="USD")


class Availability(EmbeddedDocument):
    """When, and how often, something is to be had."""

    startDate = DateTimeField()
    endDate = DateTimeField()
    limitedQuantity = IntField()
    soldCount = IntField(default=0)
    awardedCount = IntField(default=0)
    autoAward = BooleanField(default=True)


class CreditPackage(BaseDocument):
    """Credits for money: ``credits`` and ``bonusCredits``, and more at the first purchase or in a higher tier."""

    meta = {"collection": "creditpackages"}

    name = StringField(required=True)
    displayName = StringField(required=True)
    description = StringField()
    credits = IntField(required=True)
    bonusCredits = IntField(default=0)
    price = EmbeddedDocumentField(Price)
    discountPercentage = IntField(default=0)
    popular = BooleanField(default=False)
    featured = BooleanField(default=False)
    icon = StringField()
    badge = StringField()
    minUserLevel = IntField(default=1)
    maxPurchasesPerDay = IntField()
    maxPurchasesPerMonth = IntField()
    availability = EmbeddedDocumentField(Availability)
    firstTimeBonusCredits = IntField(default=0)
    status = StringField(default=ACTIVE, choices=(ACTIVE, INACTIVE, "soldout", "expired"))
    order = IntField(default=0)
    stats = DictField()
    updatedAt = DateTimeField(default=clock.now)


class TierBenefits(EmbeddedDocument):
    """What a tier brings: a discount on packages and more credits in them."""

    discountPercentage = IntField(default=0)
    bonusCreditsMultiplier = DynamicField(default=1)
    exclusiveGifts = ListField(Ref("gifts"))
    exclusiveBadges = ListField(Ref("supporterbadges"))
    features = ListField(StringField())


class SupporterTier(BaseDocument):
    """A level that is reached by having spent ``requirements.totalSpent`` coins on creators; ``tier`` counts from 1."""

    meta = {"collection": "supportertiers"}

    name = StringField(required=True)
    displayName = StringField(required=True)
    description = StringField()
    tier = IntField(required=True)
    appearance = DictField()
    requirements = DictField()
    benefits = EmbeddedDocumentField(TierBenefits)
    nextTier = Ref("supportertiers", policy="nullify")
    status = StringField(default=ACTIVE, choices=(ACTIVE, INACTIVE))
    stats = DictField()
    updatedAt = DateTimeField(default=clock.now)


class Requirements(EmbeddedDocument):
    """What earns a badge: ``type`` is one of ``REQUIREMENTS``, or ``custom`` for those that only people award."""

    type = StringField(required=True)
    value = IntField(required=True)
    specificGift = Ref("gifts")


class BadgeBenefits(EmbeddedDocument):
    """What a badge brings."""

    creditsBonus = IntField(default=0)
    discountPercentage = IntField(default=0)
    exclusiveGifts = ListField(Ref("gifts"))
    chatBadge = BooleanField()
    profileBadge = BooleanField()
    prioritySupport = BooleanField()
    specialFeatures = ListField(StringField())


class SupporterBadge(BaseDocument):
    """A badge, in the rich shape of the report's database; the slim one has ``requirement`` and ``threshold``."""

    meta = {"collection": "supporterbadges"}

    name = StringField(required=True)
    displayName = StringField()
    description = StringField()
    category = StringField(choices=CATEGORIES)
    tier = IntField(default=1)
    appearance = DictField()
    requirements = EmbeddedDocumentField(Requirements)
    benefits = EmbeddedDocumentField(BadgeBenefits)
    pointValue = IntField(default=0)
    availability = EmbeddedDocumentField(Availability)
    order = IntField(default=0)
    featured = BooleanField(default=False)
    status = StringField(default=ACTIVE, choices=(ACTIVE, INACTIVE, "expired", "coming_soon"))
    stats = DictField()
    updatedAt = DateTimeField(default=clock.now)


class UserBadge(BaseDocument):
    """``user`` holds ``badge``; a pair is there once."""

    meta = {"collection": "userbadges"}

    user = Ref("users", policy="delete", required=True)
    badge = Ref("supporterbadges", policy="delete", required=True)
    awardedAt = DateTimeField(default=clock.now)
    awardedBy = StringField(default=SYSTEM, choices=(SYSTEM, ADMIN, "achievement"))
    adminUser = Ref("users", policy="nullify")
    display = DictField()
    progress = DictField()
    expiresAt = DateTimeField()
    isExpired = BooleanField(default=False)
    metadata = DictField()
    notificationSent = BooleanField(default=False)
    updatedAt = DateTimeField(default=clock.now)
