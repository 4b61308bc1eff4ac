"""Applying to sell: one open application each, as often as it takes."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.stores.models import OPEN, WAITING, SellerApplication, Store
from mixillo.blueprints.stores.queries import applications
from mixillo.blueprints.users.models import User
from mixillo.core import clock
from mixillo.core.db import transact
from mixillo.errors import Conflict

Document = dict[str, Any]


class ApplicationOpen(Conflict):
    """An earlier application waits for its decision."""

    code, title = "application_open", "You have applied already"


class AlreadySeller(Conflict):
    """There is a store already."""

    code, title = "already_seller", "You have a store already"


def apply(user_id: ObjectId, fields: Document, application_id: ObjectId) -> Document:
    """Hand in an application and return it.

    ``application_id`` is the same whenever the request is repeated: a repetition returns what the first one handed in.

    :raises AlreadySeller: they have a store.
    :raises ApplicationOpen: an earlier application waits for its decision.
    """

    def work(session: ClientSession) -> None:
        # It also makes two applications of one person follow each other.
        applied = {"$set": {"sellerStatus": "pending", "updatedAt": clock.now()}}
        user = User.collection().find_one_and_update({"_id": user_id}, applied, ["email"], session=session) or {}
        found = SellerApplication.collection()
        if found.find_one({"_id": application_id, "userId": user_id}, ["_id"], session=session):
            return
        if Store.collection().find_one({"sellerId": user_id}, ["_id"], session=session):
            raise AlreadySeller
        if found.find_one({"userId": user_id, "status": {"$in": [*OPEN]}}, ["_id"], session=session):
            raise ApplicationOpen("Wait for the decision about it.")
        made = SellerApplication(id=application_id, userId=user_id, status=WAITING, contactEmail=user.get("email"))
        found.insert_one(made.to_mongo().to_dict() | fields, session=session)

    transact(work, turns_of=[user_id])
    return applications.latest_of(user_id)
