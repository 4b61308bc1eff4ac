"""Why the ledger refuses."""

from typing import Self

from mixillo.core import money
from mixillo.errors import Conflict, NotFound


class InsufficientFunds(Conflict):
    """There is less in the wallet than the debit needs; what open holds set aside does not count."""

    code, title = "insufficient_funds", "Not enough in the wallet"

    @classmethod
    def of(cls, required: int, available: int, currency: str) -> Self:
        """Return the error with both amounts (minor units), in words and as members."""
        detail = f"This needs {money.in_words(required, currency)}; there are {money.in_words(available, currency)}."
        return cls(
            detail,
            currency=currency,
            required=money.shown(required, currency),
            available=money.shown(available, currency),
        )


class NotEarned(InsufficientFunds):
    """There is enough in the wallet, but less of it was earned, and only that may be withdrawn."""

    code, title = "not_earned", "Only what was earned can be withdrawn"


class WalletFrozen(Conflict):
    """Nothing leaves a frozen wallet."""

    code, title = "wallet_frozen", "The wallet is frozen"


class AlreadyPosted(Conflict):
    """The entry stands in the ledger already; nothing was changed."""

    code, title = "already_posted", "This was booked before"


class AlreadyResolved(Conflict):
    """The hold was posted, voided or has expired."""

    code, title = "already_resolved", "This was decided before"


class HoldNotFound(NotFound):
    """There is no such hold."""

    code, title = "hold_not_found", "There is no such hold"


class EntryNotFound(NotFound):
    """There is no such entry in the ledger."""

    code, title = "entry_not_found", "There is no such entry"
