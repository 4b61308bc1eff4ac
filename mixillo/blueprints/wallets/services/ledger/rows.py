"""What is written down: the ledger's immutable transfers, and the rows that owners of wallets see."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import Int64, ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError

from mixillo.blueprints.wallets.models import TRANSFERS
from mixillo.blueprints.wallets.services.ledger.entries import Account, Entry, Note, house_id
from mixillo.blueprints.wallets.services.ledger.errors import AlreadyPosted
from mixillo.core.db import ops_database

DUPLICATE_KEY = 11000


def write_transfers(entry: Entry, wallets: Mapping[Account, ObjectId], now: datetime, session: ClientSession) -> None:
    """Add the transfers of ``entry`` to the ledger; ``amount`` is in minor units.

    :raises AlreadyPosted: the entry stands there; the transaction of ``session`` is over.
    """
    documents = [
        {
            "_id": f"{entry.id}:{number}",
            "entryId": entry.id,
            "debit": _wallet_id(each.debit, wallets),
            "credit": _wallet_id(each.credit, wallets),
            "amount": Int64(each.amount),
            "currency": each.currency,
            "kind": each.kind,
            **({"about": wallets[each.about]} if each.about else {}),
            "at": now,
        }
        for number, each in enumerate(entry.transfers)
    ]
    try:
        ops_database()[TRANSFERS].insert_many(documents, session=session)
    except BulkWriteError as error:
        if all(failure["code"] == DUPLICATE_KEY for failure in error.details["writeErrors"]):
            raise AlreadyPosted from None
        raise


def refuse_known(entry_id: str, session: ClientSession) -> None:
    """Raise :class:`AlreadyPosted` if the ledger holds the entry."""
    if ops_database()[TRANSFERS].find_one({"entryId": entry_id}, ["_id"], session=session):
        raise AlreadyPosted


def owners_row(account: Account, note: Note, entry_id: str, wallet_id: ObjectId, now: datetime) -> dict[str, Any]:
    """Return what every row that the owner of ``account`` sees begins with."""
    return {
        "_id": ObjectId(),
        "userId": account.owner,
        "walletId": wallet_id,
        "type": note.type,
        "currency": account.currency,
        "description": note.description,
        "entryId": entry_id,
        **({"isEarning": True} if note.is_earning else {}),
        **note.fields,
        "createdAt": now,
        "updatedAt": now,
    }


def _wallet_id(account: Account, wallets: Mapping[Account, ObjectId]) -> ObjectId:
    return house_id(account) if account.is_house else wallets[account]
