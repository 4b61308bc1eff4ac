"""Wallets and what is in them, put there through the ledger."""

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.wallets.models import ISSUED, PAYOUTS, REVENUE
from mixillo.blueprints.wallets.services.ledger import Account, Entry, Note, Posted, Transfer, house, post, user
from mixillo.core import money
from mixillo.core.db import transact
from tests.factories.users import make_user

GIVEN = Note("bonus", "A welcome present")


def give(user_id: ObjectId, amount: int, currency: str = money.COINS) -> Posted:
    """Let a user have ``amount`` (minor units) more."""
    account = user(user_id, currency)
    other = house(ISSUED if currency == money.COINS else PAYOUTS, currency)
    entry = Entry(f"gift {ObjectId()}", [Transfer(other, account, amount, "bonus")], {account: GIVEN})
    return transact(lambda session: post(entry, session))


def make_rich_user(db: Database, coins: int) -> Account:
    """Store a user who has ``coins`` and return the account."""
    account = user(make_user(db)["_id"])
    give(account.owner, coins)  # type: ignore[arg-type]  # a user's account is owned by an id
    return account


def balance(db: Database, account: Account) -> int:
    """Return what is in a user's wallet, in minor units; nothing where there is none."""
    wallet = db["wallets"].find_one({"userId": account.owner, "currency": account.currency}) or {}
    return money.minor(wallet.get("balance"), account.currency)


def earn(account: Account, amount: int) -> Posted:
    """Let a user earn ``amount`` (minor units): what may be withdrawn."""
    note = Note("earning", "For a show", is_earning=True)
    entry = Entry(
        f"earned {ObjectId()}",
        [Transfer(house(REVENUE, account.currency), account, amount, "earning")],
        {account: note},
    )
    return transact(lambda session: post(entry, session))
