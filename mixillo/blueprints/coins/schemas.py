"""Shapes of coin packages, purchases and earnings, in and out."""

from datetime import UTC
from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate

from mixillo.blueprints.payments.models import COIN_PURCHASE, STATUSES
from mixillo.blueprints.wallets.schemas import AccountDetails
from mixillo.core.money import FIAT, MAX_MINOR
from mixillo.core.schemas import Amount, BaseSchema, Coins, Id, Limit, PageQuery, Text, Timestamp, web_address

ACTIVE, INACTIVE = "active", "inactive"
# What some clients call it → what is stored.
OTHER_NAMES = {"coinAmount": "coins", "popular": "isPopular", "active": "isActive"}


def _boolean(**keywords: Any) -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, **keywords)


class PackageChangesSchema(BaseSchema):
    """What may be changed about a package; `coinAmount`, `popular` and `active` are other names."""

    name = Text(min_length=1, max_length=100)
    description = Text(max_length=500, allow_none=True)
    imageUrl = Text(max_length=500, validators=[web_address], allow_none=True)
    coins = Coins()
    bonusCoins = Coins(minimum=0)
    price = Amount()
    currency = fields.String(validate=validate.OneOf(FIAT))
    discountPercentage = fields.Integer(
        strict=True,
        validate=validate.Range(min=0, max=99),
        metadata={"description": "Shown beside the price, which is what is paid."},
    )
    isPopular = _boolean()
    isBestValue = _boolean()
    isActive = _boolean()
    sortOrder = fields.Integer(strict=True, validate=validate.Range(min=0, max=1_000_000))
    validUntil = fields.AwareDateTime(
        format="iso", default_timezone=UTC, allow_none=True, metadata={"example": "2030-12-01T00:00:00.000Z"}
    )

    @pre_load
    def one_name(self, data: Any, **_keywords: Any) -> Any:
        """Return ``data`` with the names that are stored.

        :raises ValidationError: something is given under both names.
        """
        if not isinstance(data, dict):
            return data
        if twice := [other for other, name in OTHER_NAMES.items() if other in data and name in data]:
            raise ValidationError({other: [f"The same as {OTHER_NAMES[other]}; send one."] for other in twice})
        return {OTHER_NAMES.get(name, name): value for name, value in data.items()}


class NewPackageSchema(PackageChangesSchema):
    """A new package."""

    name = Text(required=True, min_length=1, max_length=100)
    coins = Coins(required=True)
    bonusCoins = Coins(minimum=0, load_default=0)
    price = Amount(required=True)
    currency = fields.String(load_default="USD", validate=validate.OneOf(FIAT))
    discountPercentage = fields.Integer(load_default=0, strict=True, validate=validate.Range(min=0, max=99))


class AllPackagesQuery(PageQuery):
    """Which packages an administrator's list shows."""

    limit = Limit(50)
    status = fields.String(validate=validate.OneOf((ACTIVE, INACTIVE)))


class PackageSchema(BaseSchema):
    """A package, under the names of both generations of clients."""

    _id = Id(required=True)
    id = Id(required=True)
    name = fields.String(required=True, metadata={"example": "500 coins"})
    description = fields.String(required=True, allow_none=True)
    imageUrl = fields.String(required=True, allow_none=True)
    coins = fields.Integer(required=True)
    coinAmount = fields.Integer(required=True, metadata={"description": "The same as `coins`."})
    bonusCoins = fields.Integer(required=True)
    totalCoins = fields.Integer(required=True)
    price = fields.Float(required=True, metadata={"example": 4.99})
    currency = fields.String(required=True, validate=validate.OneOf(FIAT))
    discountPercentage = fields.Integer(required=True)
    isPopular = fields.Boolean(required=True)
    popular = fields.Boolean(required=True)
    isBestValue = fields.Boolean(required=True)
    isActive = fields.Boolean(required=True)
    active = fields.Boolean(required=True)
    isLimitedTime = fields.Boolean(required=True)
    validUntil = Timestamp(required=True, allow_none=True)
    sortOrder = fields.Integer(required=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class SoldPackageSchema(PackageSchema):
    """A package with what it brought, from the payments."""

    purchaseCount = fields.Integer(required=True)
    revenue = fields.Float(required=True)


class TopPackageSchema(BaseSchema):
    """One of the packages that were bought most often."""

    _id = Id(required=True)
    name = fields.String(required=True)
    purchaseCount = fields.Integer(required=True)
    revenue = fields.Float(required=True)


class StatisticsSchema(BaseSchema):
    """What all packages brought."""

    totalPackages = fields.Integer(required=True)
    activePackages = fields.Integer(required=True)
    totalPurchases = fields.Integer(required=True)
    totalTransactions = fields.Integer(required=True, metadata={"description": "Payments in whatever state."})
    revenue = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    totalRevenue = fields.Float(required=True, metadata={"description": "In USD; `revenue` has every currency."})
    revenueLastMonth = fields.Float(required=True)
    topPackages = fields.List(fields.Nested(TopPackageSchema), required=True)
    popularPackage = fields.String(required=True, allow_none=True)


class PaymentMethodSchema(BaseSchema):
    """By what means somebody pays."""

    paymentMethodId = Text(
        max_length=255, allow_none=True, metadata={"description": "Of Stripe (`pm_…`), if the client knows it already."}
    )


class PurchaseSchema(PaymentMethodSchema):
    """Which package is bought."""

    packageId = Id(required=True)


class CoinsPurchaseSchema(PaymentMethodSchema):
    """How many coins are bought: those of a package, without its bonus."""

    coins = Coins(required=True)


class PurchasedSchema(BaseSchema):
    """A purchase under the names of a transaction; the row of the wallet follows when it is paid."""

    _id = Id(required=True)
    id = Id(required=True)
    type = fields.String(required=True, validate=validate.Equal(COIN_PURCHASE))
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    coins = fields.Integer(required=True, metadata={"description": "With the bonus."})
    amount = fields.Float(required=True)
    currency = fields.String(required=True, validate=validate.OneOf(FIAT))
    description = fields.String(required=True)
    createdAt = Timestamp(required=True)


class ConversionSchema(BaseSchema):
    """How many earned coins are paid out, and where to."""

    coins = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=MAX_MINOR), metadata={"example": 500}
    )
    accountDetails = AccountDetails(required=True)


class EarningsSchema(BaseSchema):
    """What was earned, in coins; ``value`` is what ``withdrawable`` is paid out with, in ``currency``."""

    total = fields.Integer(required=True)
    withdrawable = fields.Integer(required=True)
    pending = fields.Integer(required=True, metadata={"description": "Wait for a decision."})
    withdrawn = fields.Integer(required=True)
    value = fields.Float(required=True)
    rate = fields.Float(required=True)
    currency = fields.String(required=True)
