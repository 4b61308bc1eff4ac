"""Wallets, the rows their owners see, and the immutable transfers that both are sums of.

A wallet holds one currency. Those of users carry ``userId``; those of the house carry ``account`` instead.
"""

from mongoengine import BooleanField, DateTimeField, DictField, DynamicField, ListField, StringField

from mixillo.core import clock
from mixillo.core.db import BaseDocument, Ref
from mixillo.core.money import COINS, CURRENCIES

TRANSFERS, HOLDS = "transfers", "holds"  # in the technical database: see `services.ledger`
ISSUED, REVENUE, PAYOUTS, ESCROW = HOUSE_ACCOUNTS = ("issued", "revenue", "payouts", "escrow")
# Kinds of transfers that the books themselves look at; others say why money moved.
OPENING, CLAWBACK, CLAWBACK_DEBT, DEBT_REPAID = "opening", "clawback", "clawback_debt", "debt_repaid"
OPEN, POSTED, VOIDED, EXPIRED = HOLD_STATES = ("open", "posted", "voided", "expired")
PURCHASE, TRANSFER, WITHDRAWAL, ADJUSTMENT = "purchase", "transfer", "withdrawal", "adjustment"
TYPES = (
    PURCHASE, "gift_sent", "gift_received", WITHDRAWAL, "refund", "earning", "subscription", "tip", TRANSFER,
    "coin_purchase", "payout", "commission", "bonus",
)  # fmt: skip
PENDING, PROCESSING, COMPLETED, FAILED, REFUNDED, CANCELLED = STATUSES = (
    "pending", "processing", "completed", "failed", "refunded", "cancelled",
)  # fmt: skip
REFERENCE_TYPES = ("order", "gift", "livestream", "content", "subscription", "withdrawal", "other")


class Wallet(BaseDocument):
    """The cached sums of one account. Amounts are in units of ``currency``: integers, ``Decimal128`` or old doubles.

    ``balance`` is what is there, ``pending`` the part of it that open holds have set aside, ``debt`` what the
    owner owes the house because a refunded purchase had already been spent.
    """

    meta = {"collection": "wallets"}

    userId = Ref("users")
    account = StringField()
    currency = StringField(default=COINS, choices=CURRENCIES)
    balance = DynamicField(default=0)
    pending = DynamicField(default=0)
    debt = DynamicField(default=0)
    totalEarnings = DynamicField(default=0)
    pendingEarnings = DynamicField(default=0)
    withdrawableBalance = DynamicField(default=0)
    lifetimeWithdrawals = DynamicField(default=0)
    paymentMethods = ListField(DictField())
    isLocked = BooleanField(default=False)
    lockReason = StringField()
    lastTransactionAt = DateTimeField()
    lastWithdrawalAt = DateTimeField()
    updatedAt = DateTimeField(default=clock.now)


class Transaction(BaseDocument):
    """One movement as the owner of a wallet sees it: ``amount`` is signed, the balances tell the story.

    ``entryId`` names the entry of the ledger behind it (documents of the existing system have none).
    """

    meta = {"collection": "transactions"}

    userId = Ref("users")
    walletId = Ref("wallets")
    type = StringField(choices=TYPES)
    amount = DynamicField()
    currency = StringField(choices=CURRENCIES)
    description = StringField()
    status = StringField(default=PENDING, choices=STATUSES)
    balanceBefore = DynamicField()
    balanceAfter = DynamicField()
    entryId = StringField()
    referenceId = DynamicField()
    referenceType = StringField(choices=REFERENCE_TYPES)
    relatedUserId = Ref("users")
    relatedContentId = Ref("contents")
    relatedOrderId = Ref("orders")
    metadata = DictField()
    processedAt = DateTimeField()
    completedAt = DateTimeField()
    failedAt = DateTimeField()
    refundedAt = DateTimeField()
    failureReason = StringField()
    updatedAt = DateTimeField(default=clock.now)
