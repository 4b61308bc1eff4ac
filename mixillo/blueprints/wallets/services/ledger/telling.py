"""What owners of wallets hear: written down with the entry, told after the commit."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from blinker import Signal
from pymongo.client_session import ClientSession

from mixillo.blueprints.wallets.events import WALLET_UPDATED
from mixillo.blueprints.wallets.queries.amounts import available
from mixillo.blueprints.wallets.services.ledger.entries import Account
from mixillo.core import money, realtime
from mixillo.core.realtime.room_log import Logged, Told

Document = dict[str, Any]
# Sent after the commit, once for each row: ``row`` is the document; ``notifications`` listens.
wallet_changed = Signal()


@dataclass(frozen=True, slots=True)
class Posted:
    """What an entry did: each user's wallet as it is now, the row that each of them sees, and what they are told."""

    wallets: dict[Account, Document]
    rows: dict[Account, Document]
    told: list[Logged] = field(default_factory=list)


def written(posted: Posted, session: ClientSession) -> Posted:
    """Write down what the owners of the changed wallets are told, with what has changed them, and return ``posted``."""
    posted.told.extend(realtime.told(list(_told(posted)), session))
    return posted


def announce(posted: Posted) -> None:
    """Tell the owner of each wallet that ``posted`` changed, and the features above; call it after the commit."""
    realtime.deliver(posted.told)
    for account in posted.wallets:
        if row := posted.rows.get(account):
            wallet_changed.send(row=row)


def _told(posted: Posted) -> Iterator[Told]:
    for account, wallet in posted.wallets.items():
        row = posted.rows.get(account, {})
        payload = {
            "walletId": str(wallet["_id"]),
            "currency": account.currency,
            "balance": money.shown(money.minor(wallet["balance"], account.currency), account.currency),
            "available": money.shown(available(wallet, account.currency), account.currency),
            "transactionId": str(row["_id"]) if row else None,
            "type": row.get("type"),
        }
        yield realtime.user_room(account.owner), WALLET_UPDATED, payload
