"""Shapes of wallets, their rows and withdrawals, in and out."""

from datetime import UTC
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from mixillo.blueprints.wallets.models import STATUSES, TYPES
from mixillo.blueprints.wallets.queries.withdrawals import PENDING, STATES
from mixillo.core import money
from mixillo.core.schemas import Amount, BaseSchema, Id, PageQuery, QuerySchema, Text, Timestamp, UserSummary

# The end of the text, also for clients that read the pattern in OpenAPI.
END = r"$(?!\n)"
METHODS = ("bank", "paypal", "stripe", "card")
MOST_DETAILS = 20
ADD, DEDUCT = "add", "deduct"


def currency_field(**keywords: Any) -> fields.String:
    """Return the field of a currency."""
    return fields.String(validate=validate.OneOf(money.CURRENCIES), metadata={"example": money.COINS}, **keywords)


class AccountDetails(fields.Dict):
    """Where money is to go: up to 20 short texts by name; stored for whoever pays it out, never shown again."""

    def __init__(self, **keywords: Any) -> None:
        texts = fields.String(validate=validate.Length(min=1, max=200))
        super().__init__(
            keys=fields.String(validate=validate.Regexp(rf"^[A-Za-z][A-Za-z0-9_ -]{{0,49}}{END}")),
            values=texts,
            validate=validate.Length(min=1, max=MOST_DETAILS),
            metadata={"example": {"holder": "Ada Lovelace", "iban": "DE02120300000000202051"}},
            **keywords,
        )


class CurrencyQuery(QuerySchema):
    """Which of a user's wallets is meant."""

    currency = currency_field(load_default=money.COINS)


class AmountSchema(BaseSchema):
    """An amount in units of ``currency``; it is loaded in minor units."""

    amount = Amount(required=True)
    currency = currency_field(load_default=money.COINS)

    @post_load
    def count(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the amount in minor units."""
        try:
            units = money.exact_minor(data["amount"], data["currency"])
        except ValueError as error:
            raise ValidationError(f"{error}.".capitalize(), "amount") from None
        if units < 1:
            raise ValidationError("Must be at least one.", "amount")
        return data | {"amount": units}


class TransferSchema(AmountSchema):
    """To whom how much; ``toUserId`` and ``recipientId`` are the same, and so are ``description`` and ``note``."""

    toUserId = Id()
    recipientId = Id()
    description = Text(max_length=200)
    note = Text(max_length=200)

    @validates_schema
    def names_somebody(self, data: dict[str, Any], **_keywords: Any) -> None:
        """Refuse a transfer to nobody, or to two.

        :raises ValidationError: that is the case.
        """
        if ("toUserId" in data) == ("recipientId" in data):
            raise ValidationError("Name the recipient, once.", "toUserId")


class WithdrawalRequestSchema(AmountSchema):
    """How much is to be paid out, and where to."""

    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    accountDetails = AccountDetails(required=True)


class TopUpSchema(AmountSchema):
    """How much money is to be paid in; ``paymentMethodId`` is the provider's name for a way of paying."""

    currency = fields.String(validate=validate.OneOf(money.FIAT), load_default="USD", metadata={"example": "USD"})
    paymentMethodId = Text(max_length=255)


class ReasonSchema(BaseSchema):
    """Why something is done."""

    reason = Text(required=True, min_length=1, max_length=500)


class AdjustmentSchema(AmountSchema):
    """What is put right, and why."""

    type = fields.String(required=True, validate=validate.OneOf((ADD, DEDUCT)))
    reason = Text(required=True, min_length=1, max_length=200)


class DeductionSchema(AmountSchema):
    """What is taken out of a wallet, and why."""

    description = Text(required=True, min_length=1, max_length=200)


class AdditionSchema(DeductionSchema):
    """What is put into a wallet, and why; ``isEarning`` lets its owner withdraw it."""

    isEarning = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class WalletsQuery(PageQuery):
    """Which wallets a list shows; amounts in units of ``currency``."""

    currency = currency_field(load_default=money.COINS)
    minBalance = fields.Float(allow_nan=False, validate=validate.Range(min=-1e10, max=1e10))
    maxBalance = fields.Float(allow_nan=False, validate=validate.Range(min=-1e10, max=1e10))
    search = Text(min_length=1, max_length=254)
    frozen = fields.Boolean()

    @post_load
    def count(self, data: dict[str, Any], **_keywords: Any) -> dict[str, Any]:
        """Return ``data`` with the bounds in minor units."""
        bounds = {
            name: money.minor(data[name], data["currency"]) for name in ("minBalance", "maxBalance") if name in data
        }
        return data | bounds


class TransactionsQuery(PageQuery):
    """Which rows a list shows; without ``currency`` those of all wallets."""

    type = fields.String(validate=validate.OneOf(TYPES))
    status = fields.String(validate=validate.OneOf(STATUSES))
    currency = currency_field()
    since = fields.AwareDateTime(format="iso", default_timezone=UTC, data_key="from")
    until = fields.AwareDateTime(format="iso", default_timezone=UTC, data_key="to")


class AllTransactionsQuery(TransactionsQuery):
    """Which rows of everybody a list shows."""

    search = Text(min_length=1, max_length=254)


class WithdrawalsQuery(PageQuery):
    """Which withdrawals a list shows."""

    status = fields.String(load_default=PENDING, validate=validate.OneOf(tuple(STATES)))


class WalletSchema(BaseSchema):
    """A wallet; amounts in units of its currency. ``coins`` is what its owner has of these, whatever it holds."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    currency = currency_field(required=True)
    balance = fields.Float(required=True, metadata={"example": 1250})
    available = fields.Float(required=True, metadata={"description": "What open holds have not set aside."})
    pending = fields.Float(required=True)
    coins = fields.Integer(required=True)
    debt = fields.Float(required=True, metadata={"description": "Owed for a refunded purchase that was spent."})
    totalEarnings = fields.Float(required=True)
    pendingEarnings = fields.Float(required=True)
    withdrawableBalance = fields.Float(required=True)
    lifetimeWithdrawals = fields.Float(required=True)
    isLocked = fields.Boolean(required=True)
    frozen = fields.Boolean(required=True)
    lockReason = fields.String(required=True, allow_none=True)
    lastTransactionAt = Timestamp(required=True, allow_none=True)
    lastWithdrawalAt = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)
    updatedAt = Timestamp(required=True, allow_none=True)


class OwnedWalletSchema(WalletSchema):
    """A wallet with its owner, as administrators see it."""

    user = fields.Nested(UserSummary, required=True, allow_none=True)


class TransactionSchema(BaseSchema):
    """One movement as the owner of a wallet sees it: ``amount`` is signed."""

    _id = Id(required=True)
    id = Id(required=True)
    walletId = Id(required=True, allow_none=True)
    userId = Id(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True, validate=validate.OneOf(TYPES))
    status = fields.String(required=True, allow_none=True, validate=validate.OneOf(STATUSES))
    description = fields.String(required=True)
    currency = currency_field(required=True)
    amount = fields.Float(required=True, metadata={"example": -50})
    coins = fields.Integer(required=True)
    balanceBefore = fields.Float(required=True)
    balanceAfter = fields.Float(required=True)
    fromUserId = Id(required=True, allow_none=True)
    toUserId = Id(required=True, allow_none=True)
    referenceId = fields.String(required=True, allow_none=True)
    referenceType = fields.String(required=True, allow_none=True)
    relatedUserId = Id(required=True, allow_none=True)
    relatedUser = fields.Nested(UserSummary, required=True, allow_none=True)
    relatedContentId = Id(required=True, allow_none=True)
    relatedOrderId = Id(required=True, allow_none=True)
    metadata = fields.Dict(keys=fields.String(), required=True)
    failureReason = fields.String(required=True, allow_none=True)
    completedAt = Timestamp(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)


class PaidInSchema(BaseSchema):
    """A payment in the form of a transaction, which some clients read."""

    _id = Id(required=True)
    id = Id(required=True)
    type = fields.String(required=True)
    status = fields.String(required=True)
    amount = fields.Float(required=True)
    currency = currency_field(required=True)
    description = fields.String(required=True, allow_none=True)
    createdAt = Timestamp(required=True, allow_none=True)


class OwnedTransactionSchema(TransactionSchema):
    """A row with its owner, as administrators see it."""

    user = fields.Nested(UserSummary, required=True, allow_none=True)


class PayoutSchema(BaseSchema):
    """What is paid where that is not the amount itself: coins at a rate."""

    amount = fields.Float(required=True)
    currency = currency_field(required=True)
    rate = fields.Float(required=True)


class WithdrawalSchema(BaseSchema):
    """A withdrawal; where the money goes is not shown here."""

    _id = Id(required=True)
    id = Id(required=True)
    userId = Id(required=True)
    user = fields.Nested(UserSummary, required=True, allow_none=True)
    walletId = Id(required=True)
    transactionId = Id(required=True)
    amount = fields.Float(required=True)
    currency = currency_field(required=True)
    method = fields.String(required=True)
    payout = fields.Nested(PayoutSchema, required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(tuple(STATES)))
    createdAt = Timestamp(required=True)
    decidedAt = Timestamp(required=True, allow_none=True)
    decidedBy = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class WholeWithdrawalSchema(WithdrawalSchema):
    """A withdrawal as whoever decides about it sees it."""

    accountDetails = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
