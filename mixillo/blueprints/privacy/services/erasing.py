"""Deleting an account.

What is deleted, forgotten and kept without a name follows from `services.owning`. The account itself stays as a shell
without anything of the person, so that what is kept for the books and for others still leads somewhere. Whoever is
interrupted goes on: everything may be done again, and what makes the account nobody's comes last.
"""

from collections.abc import Callable
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from mixillo.blueprints.auth.services import sessions
from mixillo.blueprints.privacy.services import exporting
from mixillo.blueprints.privacy.services.owning import BLANKED, DELETE, NULLIFY, TRACES, USERS, belonging
from mixillo.blueprints.uploads.services import removing
from mixillo.blueprints.users.models import INACTIVE, User
from mixillo.blueprints.users.services import follows
from mixillo.blueprints.wallets.models import Transaction
from mixillo.core import audit_log, clock
from mixillo.core.db import Reference, database, ops_database, transact
from mixillo.core.realtime import room_log, user_room
from mixillo.ops.probes.accounts import remove_referring

Document = dict[str, Any]
AT_ONCE = 100
ENDED = "account_deleted"
NO_PASSWORD = "!"  # noqa: S105  matches nothing
# Rows that are counted in what they point at: the counted document, its collection and its counter.
COUNTED = {
    "likes": ("contentId", "contents", "likesCount"),
    "saves": ("contentId", "contents", "savesCount"),
    "shares": ("contentId", "contents", "sharesCount"),
    "commentlikes": ("commentId", "comments", "likesCount"),
    "storefollows": ("storeId", "stores", "followersCount"),
    "storyviews": ("storyId", "stories", "viewsCount"),
    "reviewvotes": ("reviewId", "reviews", "helpfulCount"),
}
# What of an account is kept: that it was there, and since when.
KEPT = frozenset(("_id", "createdAt", "role", "followersCount", "followingCount", "videosCount", "storeId", "isSeller"))


def erase(user_id: ObjectId) -> None:
    """Delete somebody's account and data now."""
    User.collection().update_one({"_id": user_id}, {"$set": {"status": INACTIVE}})
    sessions.end_all(user_id, ENDED)
    exporting.forget(user_id)
    removing.remove_all(user_id)
    _forget_follows(user_id)
    _forget_news(user_id)
    for reference in belonging():
        _work_of(reference)(reference, user_id)
    _rename_in_transfers(user_id)
    ops = ops_database()
    ops["sessions"].delete_many({"userId": user_id})
    room_log.forget([user_room(user_id)])
    ops["feeds"].delete_many({"userId": user_id})
    _leave_shell(user_id)
    audit_log.record("account.erased", actor=audit_log.SYSTEM, target=USERS, target_id=user_id)


def _work_of(reference: Reference) -> Callable[[Reference, ObjectId], None]:
    if reference.policy == DELETE:
        return _delete_counted if reference.collection in COUNTED else _delete
    return _detach if reference.policy == NULLIFY else _blank


def _delete(reference: Reference, user_id: ObjectId) -> None:
    rows = database()[reference.collection]
    while found := [row["_id"] for row in rows.find({reference.path: user_id}, {"_id": 1}, limit=AT_ONCE)]:
        remove_referring(database(), reference.collection, found)
        rows.delete_many({"_id": {"$in": found}})


def _delete_counted(reference: Reference, user_id: ObjectId) -> None:
    """Delete rows one by one, each together with the counters that count it."""
    rows = database()[reference.collection]
    field, target, counter = COUNTED[reference.collection]
    for row in rows.find({reference.path: user_id}, {field: 1}):

        def work(session: ClientSession, row: Document = row) -> None:
            if not rows.delete_one({"_id": row["_id"]}, session=session).deleted_count:
                return
            counted = database()[target].find_one_and_update(
                {"_id": row.get(field), counter: {"$gt": 0}}, {"$inc": {counter: -1}}, {"userId": 1}, session=session
            )
            if counted and reference.collection == "likes":
                liked = {"_id": counted["userId"], "likesReceivedCount": {"$gt": 0}}
                User.collection().update_one(liked, {"$inc": {"likesReceivedCount": -1}}, session=session)

        transact(work, turns_of=[row.get(field)])


def _detach(reference: Reference, user_id: ObjectId) -> None:
    """Forget who it was, where that is one person's field; in lists the shell is left."""
    if "." in reference.path:
        return
    rows = database()[reference.collection]
    if reference.path in ("user", "userId"):
        change = _change(TRACES.get(reference.collection, {}) | {reference.path: None})
        rows.update_many({reference.path: {"$eq": user_id, "$not": {"$type": "array"}}}, change)


def _blank(reference: Reference, user_id: ObjectId) -> None:
    if fields := BLANKED[reference.collection]:
        database()[reference.collection].update_many({reference.path: user_id}, _change(fields))


def _change(fields: Document) -> Document:
    """Return the update that sets ``fields``, and removes those that are ``None``."""
    changes = {
        "$set": {name: value for name, value in fields.items() if value is not None},
        "$unset": {name: "" for name, value in fields.items() if value is None},
    }
    return {operator: values for operator, values in changes.items() if values}


def _forget_follows(user_id: ObjectId) -> None:
    rows = database()["follows"]
    for pair in rows.find({"$or": [{"followerId": user_id}, {"followingId": user_id}]}):
        follower, following = pair["followerId"], pair["followingId"]

        def work(session: ClientSession, follower: ObjectId = follower, following: ObjectId = following) -> None:
            follows.remove(follower, following, session)

        transact(work)


def _forget_news(user_id: ObjectId) -> None:
    """Remove what others were told of somebody: its text calls them by their name."""
    database()["notifications"].delete_many({"$or": [{"senderId": user_id}, {"actors": user_id}]})


def _rename_in_transfers(user_id: ObjectId) -> None:
    """Let the rows of others not call somebody by a name that is gone."""
    named = {"relatedUserId": user_id, "type": "transfer"}
    Transaction.collection().update_many(named, {"$set": {"description": "Transfer"}})


def _leave_shell(user_id: ObjectId) -> None:
    """Replace the account by a shell: the last thing that is done."""
    account = User.collection().find_one({"_id": user_id}) or {}
    now = clock.now()
    shell = {each: value for each, value in account.items() if each in KEPT} | {
        "username": f"gone_{user_id}",
        "email": f"{user_id}@deleted.invalid",
        "password": NO_PASSWORD,
        "fullName": "Deleted user",
        "status": INACTIVE,
        "isVerified": False,
        "privacySettings": {"isPrivate": True},
        "deletedAt": now,
        "updatedAt": now,
    }
    User.collection().replace_one({"_id": user_id}, shell)
