"""Users giving each other what they have, within a limit for a day."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.users.queries import people
from mixillo.blueprints.users.services.contact import check_not_blocked
from mixillo.blueprints.wallets.models import TRANSFER
from mixillo.blueprints.wallets.queries import transactions
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import AlreadyPosted, Entry, Note, Posted, Transfer
from mixillo.core import clock, money
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import Conflict, ValidationFailed

DAY = timedelta(hours=24)
Document = dict[str, Any]


class TransferLimitReached(Conflict):
    """More was to be given away within 24 hours than is allowed."""

    code, title = "transfer_limit_reached", "The limit of transfers is reached"


def send(
    viewer: Viewer,
    recipient_id: ObjectId,
    amount: int,
    currency: str,
    *,
    text: str | None,
    daily_limit: int,
    operation_id: ObjectId,
) -> Document:
    """Move ``amount`` (minor units) from ``viewer`` to another user and return the sender's row.

    ``daily_limit`` (minor units) is what may leave within 24 hours. Repeated with the same ``operation_id``, it
    returns what was done then.

    :raises ValidationFailed: that is the viewer.
    :raises UserNotFound: there is no such active user, or they block the viewer.
    :raises Blocking: the viewer blocks them.
    :raises TransferLimitReached: it would be more than ``daily_limit``.
    :raises InsufficientFunds: there is not as much.
    :raises WalletFrozen: the viewer's wallet is frozen.
    """
    if viewer.id == recipient_id:
        raise ValidationFailed("You cannot send anything to yourself.")
    recipient = people.summaries([recipient_id]).get(recipient_id)
    if recipient is None:
        raise people.UserNotFound
    check_not_blocked(viewer, recipient_id)
    source, target = ledger.user(viewer.id, currency), ledger.user(recipient_id, currency)
    said = {"metadata": {"note": text}} if text else {}
    notes = {
        source: Note(TRANSFER, f"To @{recipient['username']}", {"relatedUserId": recipient_id, **said}),
        target: Note(TRANSFER, f"From @{viewer.username}", {"relatedUserId": viewer.id, **said}),
    }
    entry = Entry(f"transfer:{operation_id}", [Transfer(source, target, amount, TRANSFER)], notes)

    def work(session: ClientSession) -> Posted:
        posted = ledger.post(entry, session)
        # After the wallet was written: whoever sends at the same time waits, and counts this one.
        sent = transactions.moved_since(posted.wallets[source]["_id"], TRANSFER, clock.now() - DAY, session)
        if sent > daily_limit:
            raise _too_much(sent - amount, daily_limit, currency)
        return posted

    with suppress(AlreadyPosted):
        ledger.announce(transact(work, turns_of=[viewer.id, recipient_id]))
    return transactions.of_entry(entry.id, viewer.id)


def _too_much(before: int, limit: int, currency: str) -> TransferLimitReached:
    left = max(0, limit - before)
    return TransferLimitReached(
        f"Of {money.in_words(limit, currency)} in 24 hours {money.in_words(left, currency)} are left.",
        currency=currency,
        limit=money.shown(limit, currency),
        left=money.shown(left, currency),
    )
