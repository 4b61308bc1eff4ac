"""Accounts: their creation and their credentials. Which password is right is for the ``auth`` feature."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.users.models import ACTIVE, User
from mixillo.blueprints.users.queries.people import ANY_CASE
from mixillo.core import clock
from mixillo.errors import Conflict

USERNAME = re.compile(r"[A-Za-z0-9_]{3,30}")
EMAIL = re.compile(
    r"(?!\.)(?!.*\.\.)[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?<!\.)@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.IGNORECASE,
)
EMAIL_LENGTH = 254
CREDENTIALS = ("username", "email", "fullName", "password", "role", "status", "emailVerifiedAt")
STANDING = ("username", "role", "status")


class AccountExists(Conflict):
    """The username or the e-mail address belongs to an account; neither text nor code tells which.

    ``email_taken`` is for the caller only: the owner of the address can be told by mail.
    """

    code, title = "ACCOUNT_EXISTS", "This username or e-mail address cannot be used"

    def __init__(self, *, email_taken: bool) -> None:
        super().__init__(
            "This username or e-mail address cannot be used. Choose another username; if the address is yours and "
            "you have an account, sign in or reset its password."
        )
        self.email_taken = email_taken


@dataclass(frozen=True)
class MailToken:
    """A kind of token that goes out by mail; only its hash is stored, in these fields."""

    field: str
    expiry_field: str


VERIFICATION = MailToken("verificationToken", "verificationTokenExpire")
RESET = MailToken("resetPasswordToken", "resetPasswordExpire")


def create(*, username: str, email: str, password_hash: str, full_name: str, **optional: Any) -> dict[str, Any]:
    """Store a new account and return its document; ``optional`` are further stored fields.

    :raises AccountExists: the username (whatever its case) or the e-mail address is taken.
    """
    user = User(username=username, email=email.lower(), password=password_hash, fullName=full_name, **optional)
    user.validate()
    document = user.to_mongo().to_dict()
    try:
        User.collection().insert_one(document)
    except DuplicateKeyError as error:
        raise AccountExists(email_taken="email" in (error.details or {}).get("keyPattern", {})) from None
    return document


def credentials_by_name(identifier: str) -> dict[str, Any] | None:
    """Return what signing in needs of the account with this username (in any case) or e-mail address."""
    if "@" in identifier:
        return User.collection().find_one({"email": identifier.lower()}, CREDENTIALS)
    return User.collection().find_one({"username": identifier}, CREDENTIALS, collation=ANY_CASE)


def credentials(user_id: ObjectId) -> dict[str, Any] | None:
    """Return what signing in needs of an account."""
    return User.collection().find_one({"_id": user_id}, CREDENTIALS)


def standing(user_id: ObjectId) -> dict[str, Any] | None:
    """Return what every request of a signed-in person needs: ``username``, ``role``, ``status``."""
    return User.collection().find_one({"_id": user_id}, STANDING)


def record_sign_in(user_id: ObjectId, address: str, user_agent: str) -> dict[str, Any] | None:
    """Note when and from where somebody signed in, and return the stored account, if it is still there."""
    now = clock.now()
    seen = {"lastLogin": now, "lastActiveAt": now, "lastLoginIP": address, "lastLoginDevice": user_agent}
    return User.collection().find_one_and_update(
        {"_id": user_id}, {"$set": seen, "$inc": {"loginCount": 1}}, return_document=ReturnDocument.AFTER
    )


def replace_password(user_id: ObjectId, old_hash: str, new_hash: str) -> bool:
    """Replace a hash, unless it was replaced meanwhile; a reset that is under way ends."""
    change = {
        "$set": {"password": new_hash, "updatedAt": clock.now()},
        "$unset": {RESET.field: "", RESET.expiry_field: ""},
    }
    return User.collection().update_one({"_id": user_id, "password": old_hash}, change).modified_count == 1


def store_mail_token(
    email: str, kind: MailToken, token_hash: str, expires_at: datetime, pause: timedelta
) -> dict[str, Any] | None:
    """Store a token for the active account with ``email`` and return the account.

    ``None``: there is no such account, or it was sent a token of this kind within ``pause``.
    """
    older = {"$not": {"$gt": expires_at - pause}}
    return User.collection().find_one_and_update(
        {"email": email.lower(), "status": ACTIVE, kind.expiry_field: older},
        {"$set": {kind.field: token_hash, kind.expiry_field: expires_at}},
        projection=CREDENTIALS,
        return_document=ReturnDocument.AFTER,
    )


def by_mail_token(kind: MailToken, token_hash: str) -> dict[str, Any] | None:
    """Return the account that this token was sent to, unless it has expired."""
    return User.collection().find_one(_unused(kind, token_hash), CREDENTIALS)


def use_mail_token(kind: MailToken, token_hash: str, changes: dict[str, Any]) -> dict[str, Any] | None:
    """Make ``changes`` to the account that the token was sent to, once, and return it; ``None`` if that is over."""
    now = clock.now()
    return User.collection().find_one_and_update(
        _unused(kind, token_hash),
        {"$set": {**changes, "updatedAt": now}, "$unset": {kind.field: "", kind.expiry_field: ""}},
        projection=CREDENTIALS,
        return_document=ReturnDocument.AFTER,
    )


def forget_device(user_id: ObjectId, device_token: str) -> None:
    """Send no more push messages to a device."""
    User.collection().update_one({"_id": user_id}, {"$pull": {"fcmTokens": {"token": device_token}}})


def _unused(kind: MailToken, token_hash: str) -> dict[str, Any]:
    return {kind.field: token_hash, kind.expiry_field: {"$gt": clock.now()}, "status": ACTIVE}
