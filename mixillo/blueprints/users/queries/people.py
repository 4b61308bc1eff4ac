"""Profiles, lists, search and figures: two explicit projections, the public one and a person's own."""

from typing import Any

from bson import ObjectId
from pymongo.collation import Collation, CollationStrength

from mixillo.blueprints.users.models import ACTIVE, NotificationSettings, PrivacySettings, User
from mixillo.blueprints.users.queries import relations
from mixillo.core.pagination import paginate
from mixillo.core.security import Viewer
from mixillo.errors import NotFound

ANY_CASE = Collation("en", strength=CollationStrength.SECONDARY)
LAST_CHARACTER = "\uffff"  # sorts behind every other character in a collation
NEWEST_FIRST = [("createdAt", -1), ("_id", -1)]

SUMMARY = {"username": "", "fullName": "", "avatar": None, "isVerified": False}
# What a private profile shows only to those whom its owner follows.
DETAILS: dict[str, Any] = {"bio": None, "website": None, "socialLinks": {}}
# Projection and defaults in one: documents of the existing database lack fields that were added later.
PUBLIC: dict[str, Any] = {
    **SUMMARY,
    **DETAILS,
    "role": "user",
    "isFeatured": False,
    "followersCount": 0,
    "followingCount": 0,
    "videosCount": 0,
    "likesReceivedCount": 0,
    "viewsCount": 0,
    "isCreator": False,
    "isSeller": False,
    "storeId": None,
    "createdAt": None,
}
OWN: dict[str, Any] = {
    **PUBLIC,
    "email": "",
    "phone": None,
    "gender": None,
    "dateOfBirth": None,
    "status": ACTIVE,
    "notificationSettings": dict(NotificationSettings().to_mongo()),
    "privacySettings": dict(PrivacySettings().to_mongo()),
    "sellerStatus": None,
    "migratedFromFirebase": False,
    "lastLogin": None,
    "lastActiveAt": None,
    "loginCount": 0,
    "emailVerifiedAt": None,
    "updatedAt": None,
}
PUBLIC_FIELDS = [*PUBLIC, "privacySettings.isPrivate"]
OWN_FIELDS = list(OWN)


class UserNotFound(NotFound):
    """There is no such person, or none that the viewer may see."""

    code, title = "USER_NOT_FOUND", "There is no such user"


def own(user_id: ObjectId) -> dict[str, Any]:
    """Return a person's own view of the account.

    :raises UserNotFound: it is gone.
    """
    document = User.collection().find_one({"_id": user_id}, OWN_FIELDS)
    if document is None:
        raise UserNotFound
    return own_view(document)


def own_view(document: dict[str, Any]) -> dict[str, Any]:
    """Return what its owner is shown of a stored ``document``; hashes and device tokens never leave here."""
    shown = {field: document.get(field, default) for field, default in OWN.items()}
    for settings in ("notificationSettings", "privacySettings"):
        shown[settings] = {**OWN[settings], **(shown[settings] or {})}
    return _named(shown, document["_id"]) | {"isActive": shown["status"] == ACTIVE}


def profile(user_id: ObjectId, viewer: Viewer | None) -> dict[str, Any]:
    """Return a person's public profile with ``stats`` and whether ``viewer`` follows.

    :raises UserNotFound: also for an account that is not active and for somebody whom the person blocks.
    """
    document = User.collection().find_one({"_id": user_id, "status": ACTIVE}, PUBLIC_FIELDS)
    if document is None or relations.is_hidden(user_id, viewer):
        raise UserNotFound
    shown = public_view(document, reveal=relations.sees_private(user_id, viewer) if is_private(document) else True)
    shown["isFollowing"] = viewer is not None and relations.is_following(viewer.id, user_id)
    shown["stats"] = {
        "followers": shown["followersCount"],
        "following": shown["followingCount"],
        "videos": shown["videosCount"],
    }
    return shown


def public_view(document: dict[str, Any], *, reveal: bool = False) -> dict[str, Any]:
    """Return what everybody is shown of a stored ``document``; ``reveal`` opens the details of a private one."""
    shown = {field: document.get(field, default) for field, default in PUBLIC.items()}
    shown["isPrivate"] = is_private(document)
    if shown["isPrivate"] and not reveal:
        shown |= DETAILS
    return _named(shown, document["_id"])


def everybody(query: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return a page of active people, newest first, and its ``pagination``; ``role`` and ``isVerified`` filter."""
    where = {"status": ACTIVE} | {name: query[name] for name in ("role", "isVerified") if name in query}
    documents, pagination = paginate(
        User.collection(), where, query, sort=NEWEST_FIRST, projection=_only(PUBLIC_FIELDS)
    )
    return [public_view(document) for document in documents], pagination


def search(text: str, limit: int, viewer: Viewer | None) -> list[dict[str, Any]]:
    """Return active people whose username starts with ``text``, then those whose name holds its words.

    A private profile is found by its username only: the text index also covers what it hides.
    """
    visible: dict[str, Any] = {"status": ACTIVE}
    if viewer and (hidden := relations.hidden_between(viewer.id)):
        visible["_id"] = {"$nin": hidden}
    starting = {"username": {"$gte": text, "$lt": text + LAST_CHARACTER}} | visible
    found = list(
        User.collection().find(starting, PUBLIC_FIELDS, limit=limit, sort=[("username", 1)], collation=ANY_CASE)
    )
    if len(found) < limit and (words := _words(text)):
        named = {"$text": {"$search": words}, "privacySettings.isPrivate": {"$ne": True}} | visible
        known = {document["_id"] for document in found}
        others = User.collection().find(named, PUBLIC_FIELDS, limit=limit)
        found += [document for document in others if document["_id"] not in known][: limit - len(found)]
    return [public_view(document) for document in found]


def find_ids(text: str, limit: int) -> list[ObjectId]:
    """Return the ids of accounts of any status by their id, e-mail address or the beginning of their username.

    For administrators and operators only: it tells which addresses have an account.
    """
    if ObjectId.is_valid(text):
        return [ObjectId(text)]
    if "@" in text[1:]:
        found = User.collection().find({"email": text.lower()}, {"_id": 1})
    else:
        starting = text.removeprefix("@")
        where = {"username": {"$gte": starting, "$lt": starting + LAST_CHARACTER}}
        found = User.collection().find(where, {"_id": 1}, limit=limit, sort=[("username", 1)], collation=ANY_CASE)
    return [document["_id"] for document in found]


def statistics() -> dict[str, int]:
    """Return how many people there are: all, active, verified and sellers (the last two among the active)."""
    users = User.collection()
    return {
        "totalUsers": users.estimated_document_count(),
        "activeUsers": users.count_documents({"status": ACTIVE}),
        "verifiedUsers": users.count_documents({"status": ACTIVE, "isVerified": True}),
        "sellers": users.count_documents({"status": ACTIVE, "role": "seller"}),
    }


def check_is_there(user_id: ObjectId) -> None:
    """Raise :class:`UserNotFound` unless there is an active person of this id."""
    if not User.collection().find_one({"_id": user_id, "status": ACTIVE}, ["_id"]):
        raise UserNotFound


def summaries(user_ids: list[ObjectId]) -> dict[ObjectId, dict[str, Any]]:
    """Return the short forms of the active ones among ``user_ids``, by id: what stands beside a thing."""
    found = User.collection().find({"_id": {"$in": user_ids}, "status": ACTIVE}, list(SUMMARY))
    return {document["_id"]: {**SUMMARY, **document} for document in found}


def _words(text: str) -> str:
    """Return ``text`` without what the text search would read as operators (phrases, exclusions)."""
    return " ".join(word for part in text.split() if (word := part.replace('"', "").lstrip("-")))


def is_private(document: dict[str, Any]) -> bool:
    """Return whether a stored ``document`` is of a private profile."""
    return bool((document.get("privacySettings") or {}).get("isPrivate"))


def _named(shown: dict[str, Any], user_id: ObjectId) -> dict[str, Any]:
    """Add what follows from the id and the username; references of today's clients read both id names."""
    return {"_id": user_id, "id": user_id, **shown, "profileUrl": f"/@{shown['username']}"}


def _only(fields: list[str]) -> dict[str, int]:
    return dict.fromkeys(fields, 1)
