"""The system user: who owns what was made by people who are gone. Nobody can sign in as it."""

from collections.abc import Iterable
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.core import clock
from mixillo.core.db import Reference
from mixillo.errors import Conflict
from mixillo.ops.integrity.documents import digest, fetch, key
from mixillo.ops.integrity.items import USERS

# A fixed id: two runs at once cannot make two, and nobody else's account can be mistaken for it.
ID = ObjectId(b"mixillo\0\0\0\0\1")
USERNAME = "system"
NOTICES = ("push", "email", "sms", "likes", "comments", "follows", "mentions", "messages", "liveStreams", "orders")


class SystemUsernameTaken(Conflict):
    """Somebody else has the system user's name or address."""

    code, title = "system_username_taken", "The system user's name is taken"


def document() -> dict[str, Any]:
    """Return the system user in the shape of the existing users.

    The password is no hash, so that it verifies against nothing; mail to the address goes nowhere (RFC 2606), and
    an inactive account may not sign in.
    """
    now = clock.now()
    return {
        "_id": ID,
        "email": f"{USERNAME}@mixillo.invalid",
        "username": USERNAME,
        "password": "!",
        "fullName": "Mixillo",
        "bio": "Keeps what was made by people who are no longer here.",
        "gender": "prefer_not_to_say",
        "role": "user",
        "status": "inactive",
        "isVerified": False,
        "isFeatured": False,
        "followersCount": 0,
        "followingCount": 0,
        "videosCount": 0,
        "likesReceivedCount": 0,
        "viewsCount": 0,
        "fcmTokens": [],
        "notificationSettings": dict.fromkeys(NOTICES, False),
        "privacySettings": {
            "isPrivate": False, "allowMessages": "none", "allowComments": "everyone", "showOnlineStatus": False,
        },
        "isCreator": False,
        "isSeller": False,
        "sellerStatus": "pending",
        "loginCount": 0,
        "createdAt": now,
        "updatedAt": now,
    }  # fmt: skip


def ensure(database: Database, session: ClientSession) -> bool:
    """Create the system user unless it is there, and return whether it was created.

    :raises SystemUsernameTaken: somebody has registered under its name.
    """
    if database[USERS].find_one({"_id": ID}, {"_id": 1}, session=session):
        return False
    try:
        database[USERS].insert_one(document(), session=session)
    except DuplicateKeyError:
        raise SystemUsernameTaken(
            f"An account called {USERNAME!r} exists, so the system user cannot be created; rename that account first."
        ) from None
    return True


def fingerprint(database: Database, session: ClientSession) -> str | None:
    """Return the hash of the stored system user, ``None`` when there is none."""
    found = fetch(database, USERS, [ID], session).get(key(ID))
    return digest(found) if found else None


def remove(database: Database, references: Iterable[Reference], unchanged: str, session: ClientSession) -> bool:
    """Delete the system user if its hash is ``unchanged`` and nothing refers to it; return whether it was."""
    if fingerprint(database, session) != unchanged:
        return False
    for reference in references:
        if reference.target == USERS and database[reference.collection].find_one(
            {reference.path: ID}, {"_id": 1}, session=session
        ):
            return False
    return database[USERS].delete_one({"_id": ID}, session=session).deleted_count == 1
