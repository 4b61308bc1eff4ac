"""What people do with their payment methods.

Several documents together keep the limit and the one default, so that each change touches its account too: two changes
of one account then follow each other, in whichever processes they are made.
"""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.paymentmethods import queries
from mixillo.blueprints.paymentmethods.models import PaymentMethod
from mixillo.blueprints.paymentmethods.queries import PaymentMethodNotFound, in_use
from mixillo.blueprints.users.models import User
from mixillo.core import clock
from mixillo.core.db import transact
from mixillo.errors import Conflict

Document = dict[str, Any]
MOST = 20
TOKEN = ("provider", "providerId")


class TooManyPaymentMethods(Conflict):
    """Nobody needs more."""

    code, title = "too_many_payment_methods", "You have too many payment methods"


def add(user_id: ObjectId, fields: Document) -> tuple[Document, bool]:
    """Add a payment method; return it and whether it is new: one token is there once, however often it is sent.

    The first is the default, and so is one that ``isDefault``.

    :raises TooManyPaymentMethods: there are as many as there may be.
    """

    def work(session: ClientSession) -> tuple[ObjectId, bool]:
        _take_turn(user_id, session)
        mine = list(PaymentMethod.collection().find(in_use(user_id), ["provider", "providerId"], session=session))
        same = [each["_id"] for each in mine if all(each.get(name) == fields[name] for name in TOKEN)]
        if same:
            return same[0], False
        if len(mine) >= MOST:
            raise TooManyPaymentMethods(f"There may be {MOST}; remove one first.")
        method = PaymentMethod(id=ObjectId(), userId=user_id).to_mongo().to_dict()
        method |= fields | {"isDefault": not mine}
        PaymentMethod.collection().insert_one(method, session=session)
        if fields.get("isDefault"):
            _prefer(user_id, method["_id"], session)
        return method["_id"], True

    method_id, is_new = transact(work, turns_of=[user_id])
    return queries.one(user_id, method_id), is_new


def change(user_id: ObjectId, method_id: ObjectId, fields: Document) -> Document:
    """Change a payment method and return it; what is not sent stays as it is.

    ``isDefault`` makes it the default; there is no default less, so that false says nothing.

    :raises PaymentMethodNotFound: they have none of this id.
    """
    given = {name: value for name, value in fields.items() if name != "isDefault"}

    def work(session: ClientSession) -> None:
        _take_turn(user_id, session)
        mine = {"_id": method_id} | in_use(user_id)
        stamped = {"$set": given | {"updatedAt": clock.now()}}
        if not PaymentMethod.collection().update_one(mine, stamped, session=session).matched_count:
            raise PaymentMethodNotFound
        if fields.get("isDefault"):
            _prefer(user_id, method_id, session)

    transact(work, turns_of=[user_id])
    return queries.one(user_id, method_id)


def remove(user_id: ObjectId, method_id: ObjectId) -> None:
    """Remove a payment method; if it was the default, the newest of the others is from now on.

    :raises PaymentMethodNotFound: they have none of this id.
    """

    def work(session: ClientSession) -> None:
        _take_turn(user_id, session)
        methods = PaymentMethod.collection()
        removed = methods.find_one_and_delete({"_id": method_id} | in_use(user_id), session=session)
        if removed is None:
            raise PaymentMethodNotFound
        left = methods.find(in_use(user_id), ["isDefault"], sort=queries.NEWEST, session=session).to_list()
        if left and not any(each.get("isDefault") for each in left):
            _prefer(user_id, left[0]["_id"], session)

    transact(work, turns_of=[user_id])


def _take_turn(user_id: ObjectId, session: ClientSession) -> None:
    """Change the account, so that of two transactions about its payment methods the second begins again."""
    User.collection().update_one({"_id": user_id}, {"$set": {"updatedAt": clock.now()}}, session=session)


def _prefer(user_id: ObjectId, method_id: ObjectId, session: ClientSession) -> None:
    """Make one the default and every other not."""
    chosen = {"$set": {"isDefault": {"$eq": ["$_id", method_id]}}}
    PaymentMethod.collection().update_many({"userId": user_id}, [chosen], session=session)
