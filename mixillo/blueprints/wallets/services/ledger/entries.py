"""What is posted: accounts, transfers between them, and entries of transfers that belong together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bson import ObjectId

from mixillo.blueprints.wallets.models import HOUSE_ACCOUNTS, TYPES
from mixillo.core.money import COINS, CURRENCIES, MAX_MINOR, house_wallet_id


class Account(NamedTuple):
    """Whose money, in which currency: a user's (by id), or one of :data:`HOUSE_ACCOUNTS` (by name)."""

    owner: ObjectId | str
    currency: str

    @property
    def is_house(self) -> bool:
        """Whether the account belongs to the house, which may be below zero."""
        return isinstance(self.owner, str)


def house(name: str, currency: str = COINS) -> Account:
    """Return an account of the house."""
    if name not in HOUSE_ACCOUNTS or currency not in CURRENCIES:
        raise ValueError(f"the house has no account {name} in {currency}")
    return Account(name, currency)


def user(user_id: ObjectId, currency: str = COINS) -> Account:
    """Return the account of a user, which exists once something is credited to it."""
    if currency not in CURRENCIES:
        raise ValueError(f"there is no currency {currency}")
    return Account(user_id, currency)


@dataclass(frozen=True, slots=True)
class Transfer:
    """``amount`` minor units leave ``debit`` and arrive at ``credit``; ``kind`` says why, for the books.

    ``about`` is the user whom a transfer inside the house concerns.
    """

    debit: Account
    credit: Account
    amount: int
    kind: str
    about: Account | None = None

    def __post_init__(self) -> None:
        if type(self.amount) is not int or not 0 < self.amount <= MAX_MINOR:
            raise ValueError(f"a transfer is of 1 to {MAX_MINOR} whole minor units, not {self.amount!r}")
        if self.debit == self.credit or self.debit.currency != self.credit.currency:
            raise ValueError("a transfer joins two accounts of one currency")

    @property
    def currency(self) -> str:
        """The currency of both accounts."""
        return self.debit.currency


@dataclass(frozen=True, slots=True)
class Note:
    """How an entry looks to the owner of one of its accounts; ``fields`` are stored in the row as they are.

    ``is_earning`` says that what arrives was earned, and may be withdrawn (what leaves was not earned after all).
    """

    type: str
    description: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    is_earning: bool = False

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"there is no type of transaction {self.type}")


@dataclass(frozen=True, slots=True)
class Entry:
    """Transfers that happen together or not at all, under an id that is unique for ever.

    ``notes`` holds one :class:`Note` for each user's account among them; what it shows is the sum of the
    entry's transfers on that account.
    """

    id: str
    transfers: Sequence[Transfer]
    notes: Mapping[Account, Note]

    def __post_init__(self) -> None:
        if not self.id or not self.transfers:
            raise ValueError("an entry has an id and transfers")
        if missing := {account for account in self.accounts if not account.is_house} - set(self.notes):
            raise ValueError(f"an entry needs a note for each user's account: {missing}")

    @property
    def accounts(self) -> list[Account]:
        """Every account once, in the order in which they are locked."""
        found = {account for transfer in self.transfers for account in (transfer.debit, transfer.credit)}
        return sorted(found, key=lambda account: (str(account.owner), account.currency))

    def debits(self, account: Account) -> int:
        """Return what leaves ``account``."""
        return sum(transfer.amount for transfer in self.transfers if transfer.debit == account)

    def credits(self, account: Account) -> int:
        """Return what arrives at ``account``."""
        return sum(transfer.amount for transfer in self.transfers if transfer.credit == account)


def house_id(account: Account) -> ObjectId:
    """Return the id of the wallet of a house account."""
    return house_wallet_id(str(account.owner), account.currency)
