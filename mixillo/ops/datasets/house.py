"""The thirteen wallets of the house: the other side of every movement on a user's wallet.

They carry ``account`` and ``currency`` instead of a ``userId``. Coins exist only because the house issues
them, so they have four accounts; dollars, euros and pounds come and go through the payment provider and are
never issued, so they have three each.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from mixillo.ops.datasets.documents import Document, DocumentFactory

CURRENCIES = ("coins", "USD", "EUR", "GBP")


class HouseAccount(NamedTuple):
    """``credited_by`` and ``debited_by`` hold transaction types; ``section`` is where the books show it."""

    number: int
    account: str
    section: str
    purpose: str
    check: str
    credited_by: Sequence[str]
    debited_by: Sequence[str]
    currencies: Sequence[str]


ACCOUNTS = (
    HouseAccount(
        1000,
        "issued",
        "liabilities",
        "Counterpart of every coin in circulation: it goes below zero by what was sold or given away and comes "
        "back up by what was refunded, so that this account and all others add up to nothing.",
        "Its opposite equals the sum of all other wallets in coins, those of the users and of the house; the "
        "reconciliation shows any difference as drift.",
        ["refund"],
        ["coin_purchase", "bonus"],
        ["coins"],
    ),
    HouseAccount(
        2000,
        "revenue",
        "income",
        "The share of the house in gifts, tips, subscriptions and orders. It is credited in the transaction "
        "that pays the creator or the seller, and is swept to the bank by the accountants every month.",
        "Every credit has the gift, order or subscription that it was taken from as its reference, and equals "
        "the percentage that was in force then.",
        ["commission", "subscription"],
        ["refund", "payout"],
        CURRENCIES,
    ),
    HouseAccount(
        3000,
        "payouts",
        "clearing",
        "What has left, or is on its way out: withdrawals of creators and payouts to sellers after approval. "
        "What users pay in through the provider arrives from here as well.",
        "The statement of the provider is compared with it line by line, by the reference of the payout; what "
        "is in only one of them is looked into the same day.",
        ["withdrawal", "payout"],
        ["refund", "purchase"],
        CURRENCIES,
    ),
    HouseAccount(
        4000,
        "escrow",
        "clearing",
        "Money on hold: carts at checkout and withdrawals that wait for approval. Every hold is posted, voided "
        "or expires by itself after its time.",
        "It is at zero when no hold is open, and equals the sum of the open holds otherwise; a hold that is "
        "older than a day is looked at by a person.",
        ["purchase", "withdrawal"],
        ["refund", "payout", "commission"],
        CURRENCIES,
    ),
)


def house_wallets(make: DocumentFactory, created: datetime) -> list[Document]:
    """Return one wallet per account and currency, all of them at zero."""
    return [
        make.stamped("wallets", created, _wallet(each, currency))
        for currency in CURRENCIES
        for each in ACCOUNTS
        if currency in each.currencies
    ]


def _wallet(house: HouseAccount, currency: str) -> Document:
    return {
        "account": house.account,
        "accountNumber": f"{house.number}-{currency.upper()}",
        "name": f"{house.account.title()} ({currency})",
        "section": house.section,
        "description": house.purpose,
        "check": house.check,
        "creditedBy": list(house.credited_by),
        "debitedBy": list(house.debited_by),
        "mayBeNegative": True,
        "review": {"cadence": "monthly", "responsible": "finance", "lastReviewedAt": None},
        **empty_wallet(currency),
    }


def empty_wallet(currency: str) -> Document:
    """Return the fields that every wallet has, of users and of the house, before anything moved.

    ``balance`` and the other amounts are in units of ``currency``, as the existing program stores them.
    """
    return {
        "balance": 0,
        "currency": currency,
        "totalEarnings": 0,
        "pendingEarnings": 0,
        "withdrawableBalance": 0,
        "lifetimeWithdrawals": 0,
        "paymentMethods": [],
        "isLocked": False,
    }
