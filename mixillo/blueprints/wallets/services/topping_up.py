"""Paying money of a country into one's wallet: a payment, and the money once its provider says that it was paid."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.payments.models import WALLET_TOPUP
from mixillo.blueprints.payments.services import asking, purposes
from mixillo.blueprints.payments.services.providers import Checkout
from mixillo.blueprints.payments.services.purposes import Purpose
from mixillo.blueprints.wallets.models import PAYOUTS, PURCHASE, TRANSFERS
from mixillo.blueprints.wallets.services import ledger
from mixillo.blueprints.wallets.services.ledger import Entry, Note, Posted, Transfer
from mixillo.blueprints.wallets.services.purchased import entry_id
from mixillo.core import money
from mixillo.core.db import ops_database

Document = dict[str, Any]


def top_up(user_id: ObjectId, amount: int, currency: str, method: str | None) -> tuple[Document, Checkout]:
    """Ask a user to pay ``amount`` (minor units) in; return the pending payment and where to pay it.

    :raises PaymentsUnavailable: there is no payment provider, or it does not answer.
    """
    text = f"Top-up of {money.in_words(amount, currency)}"
    return asking.ask(WALLET_TOPUP, user_id, amount, currency, description=text, metadata={}, method=method)


def _credit(payment: Document, session: ClientSession) -> Posted:
    """Put what was paid into the payer's wallet."""
    currency = payment["currency"]
    account = ledger.user(payment["userId"], currency)
    paid = money.minor(payment["amount"], currency)
    transfer = Transfer(ledger.house(PAYOUTS, currency), account, paid, WALLET_TOPUP)
    note = Note(PURCHASE, payment["description"], _reference(payment))
    return ledger.post(Entry(entry_id(payment["_id"]), [transfer], {account: note}), session)


def _take_back(payment: Document, before: int, after: int, session: ClientSession) -> Posted | None:
    """Take back what was refunded of it; nothing where it never arrived."""
    key = entry_id(payment["_id"])
    if not ops_database()[TRANSFERS].find_one({"_id": f"{key}:0"}, ["_id"], session=session):
        return None
    account = ledger.user(payment["userId"], payment["currency"])
    note = Note("refund", f"Refunded: {money.in_words(after - before, payment['currency'])}", _reference(payment))
    return ledger.claw_back(f"{key}:refund:{after}", account, after - before, note, session, back_to=PAYOUTS)


def _tell(_payment: Document, posted: Posted | None) -> None:
    if posted:
        ledger.announce(posted)


def _reference(payment: Document) -> Document:
    return {"referenceId": payment["_id"], "referenceType": "other"}


purposes.register(Purpose(WALLET_TOPUP, fulfil=_credit, take_back=_take_back, announce=_tell))
