"""After the commit: who owns a wallet hears that it changed."""

from blinker import Signal

from mixillo.blueprints.wallets.events import WALLET_UPDATED
from mixillo.blueprints.wallets.queries.amounts import available
from mixillo.blueprints.wallets.services.ledger.posting import Posted
from mixillo.core import money
from mixillo.core.realtime import emit_to_user

# Sent after the commit, once for each row: ``row`` is the document; ``notifications`` listens.
wallet_changed = Signal()


def announce(posted: Posted) -> None:
    """Emit ``wallet:updated`` to the owner of each wallet that ``posted`` changed; call it after the commit."""
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
        emit_to_user(account.owner, WALLET_UPDATED, payload)
        if row:
            wallet_changed.send(row=row)
