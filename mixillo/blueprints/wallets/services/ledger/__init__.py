"""The ledger: double entry, holds and reversals, inside the caller's transaction.

::

    entry = Entry(
        f"gift {gift_id}",
        [Transfer(sender, creator, 70, "gift_earnings"), Transfer(sender, house(REVENUE), 30, "gift_fee")],
        {sender: Note("gift_sent", "1 × Rose"), creator: Note("gift_received", "1 × Rose")},
    )
    posted = transact(lambda session: post(entry, session))
    announce(posted)

An entry's id is unique for ever: posting it again raises :class:`AlreadyPosted` and changes nothing.
"""

from mixillo.blueprints.wallets.services.ledger.entries import (
    Account,
    Entry,
    Note,
    Transfer,
    house,
    user,
)
from mixillo.blueprints.wallets.services.ledger.errors import (
    AlreadyPosted,
    AlreadyResolved,
    EntryNotFound,
    HoldNotFound,
    InsufficientFunds,
    NotEarned,
    WalletFrozen,
)
from mixillo.blueprints.wallets.services.ledger.holding import expire, hold, post_hold, void
from mixillo.blueprints.wallets.services.ledger.posting import post
from mixillo.blueprints.wallets.services.ledger.reversing import claw_back, reverse
from mixillo.blueprints.wallets.services.ledger.telling import Posted, announce, wallet_changed

__all__ = [
    "Account",
    "AlreadyPosted",
    "AlreadyResolved",
    "Entry",
    "EntryNotFound",
    "HoldNotFound",
    "InsufficientFunds",
    "NotEarned",
    "Note",
    "Posted",
    "Transfer",
    "WalletFrozen",
    "announce",
    "claw_back",
    "expire",
    "hold",
    "house",
    "post",
    "post_hold",
    "reverse",
    "user",
    "void",
    "wallet_changed",
]
