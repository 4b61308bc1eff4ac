"""Following a store: the pair and the counter change together or not at all."""

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from mixillo.blueprints.stores.models import Store, StoreFollow
from mixillo.blueprints.stores.queries import pages
from mixillo.core.db import transact
from mixillo.core.security import Viewer
from mixillo.errors import ValidationFailed

Document = dict[str, Any]


def toggle(viewer: Viewer, text: str) -> Document:
    """Follow the open store of this id or slug, or stop following; return ``{isFollowing, followersCount}``.

    :raises StoreNotFound: there is none.
    :raises ValidationFailed: it is the viewer's own.
    """
    store_id = _store(viewer, text)

    def work(session: ClientSession) -> Document:
        if _remove(viewer.id, store_id, session):
            return {"isFollowing": False, "followersCount": _count(store_id, -1, session)}
        pair = StoreFollow(userId=viewer.id, storeId=store_id).to_mongo().to_dict()
        StoreFollow.collection().insert_one(pair, session=session)
        return {"isFollowing": True, "followersCount": _count(store_id, 1, session)}

    StoreFollow.ensure_collection()
    return transact(work, turns_of=[store_id])


def unfollow(viewer: Viewer, text: str) -> Document:
    """Stop following, if so; return and raise like :func:`toggle`."""
    store_id = _store(viewer, text)

    def work(session: ClientSession) -> Document:
        step = -1 if _remove(viewer.id, store_id, session) else 0
        return {"isFollowing": False, "followersCount": _count(store_id, step, session)}

    return transact(work, turns_of=[store_id])


def _store(viewer: Viewer, text: str) -> ObjectId:
    store = pages.find(text)
    if store["sellerId"] == viewer.id:
        raise ValidationFailed("You cannot follow your own store.")
    store_id: ObjectId = store["_id"]
    return store_id


def _remove(user_id: ObjectId, store_id: ObjectId, session: ClientSession) -> bool:
    pair = {"userId": user_id, "storeId": store_id}
    return bool(StoreFollow.collection().delete_one(pair, session=session).deleted_count)


def _count(store_id: ObjectId, step: int, session: ClientSession) -> int:
    """Change the counter, which existing data may lack or have wrong, but never below zero; return it."""
    stepped = {"$max": [0, {"$add": [{"$ifNull": ["$followersCount", 0]}, step]}]}
    store = Store.collection().find_one_and_update(
        {"_id": store_id},
        [{"$set": {"followersCount": stepped}}],
        projection=["followersCount"],
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return store["followersCount"] if store else 0
