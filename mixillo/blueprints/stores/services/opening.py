"""Opening a store for somebody, within the transaction of the decision: once for each person."""

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.stores.models import ACTIVE, Store
from mixillo.blueprints.users.models import User
from mixillo.core import audit_log, clock
from mixillo.core.security import Viewer
from mixillo.core.slugs import ID, slugify

Document = dict[str, Any]
# What an application tells of the store to be.
KEPT = {"businessName": "name", "description": "description", "contactEmail": "email", "contactPhone": "phone",
        "address": "address", "businessType": "businessType", "taxId": "taxId",
        "businessLicense": "businessLicense"}  # fmt: skip
# What stands where a slug does in the paths of stores.
WORDS = frozenset(("apply", "mine", "following", "admin"))


def of_application(application: Document) -> Document:
    """Return what an application says of the store."""
    return {to: application[name] for name, to in KEPT.items() if application.get(name) is not None}


def of_user(user: Document) -> Document:
    """Return what is known of the store of somebody who did not apply."""
    return {"name": user.get("fullName") or user["username"], "email": user.get("email")}


def open_store(user_id: ObjectId, fields: Document, admin: Viewer, session: ClientSession) -> tuple[ObjectId, bool]:
    """Make somebody a seller with a store; return its id and whether it is new. One that is there stays as it is."""
    there = Store.collection().find_one({"sellerId": user_id}, ["_id"], session=session)
    store_id = there["_id"] if there else _create(user_id, fields, admin, session)
    _make_seller(user_id, store_id, admin, session)
    return store_id, there is None


def _create(user_id: ObjectId, fields: Document, admin: Viewer, session: ClientSession) -> ObjectId:
    store_id, now = ObjectId(), clock.now()
    slug = _slug(fields["name"], store_id, session)
    approved: Document = {"status": ACTIVE, "approvedBy": admin.id, "approvedAt": now}
    store = Store(id=store_id, sellerId=user_id, slug=slug).to_mongo().to_dict() | fields | approved
    Store.collection().insert_one(store, session=session)
    return store_id


def _make_seller(user_id: ObjectId, store_id: ObjectId, admin: Viewer, session: ClientSession) -> None:
    """Write the role and the flags of a seller; administrators stay what they are."""
    names = ("role", "isSeller", "sellerStatus", "storeId")
    before = User.collection().find_one({"_id": user_id}, names, session=session) or {}
    role = "seller" if before.get("role", "user") == "user" else before["role"]
    after = {"role": role, "isSeller": True, "sellerStatus": "approved", "storeId": store_id}
    was = {name: before.get(name) for name in names}
    if was == after:
        return
    stamped = {"$set": after | {"updatedAt": clock.now()}}
    User.collection().update_one({"_id": user_id}, stamped, session=session)
    actor = {"kind": "user", "id": str(admin.id), "name": admin.username}
    changes = {"before": was, "after": after}
    audit_log.record("seller.made", actor=actor, target="users", target_id=user_id, changes=changes, session=session)


def _slug(name: str, store_id: ObjectId, session: ClientSession) -> str:
    """Return a slug that no store has and that is no other part of a path."""
    slug = slugify(name)
    is_free = slug and slug not in WORDS and not ID.fullmatch(slug)
    if is_free and not Store.collection().find_one({"slug": slug}, ["_id"], session=session):
        return slug
    return f"{slug or 'store'}-{str(store_id)[-6:]}"
