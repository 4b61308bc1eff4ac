"""The people who run the service. They have nothing to do with the users of the product.

Every function takes the database of the technical collections, so that commands need no application.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.collation import Collation
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.config import Settings
from mixillo.core import clock, passwords
from mixillo.errors import AppError, Conflict, ValidationFailed, field_error

COLLECTION, SETUP_LINKS = "operators", "setuplinks"
ROLES = ("viewer", "operator", "admin")
ANY_CASE = Collation("en", strength=2)
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,29}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
LONGEST_NAME, LONGEST_EMAIL = 100, 254
LINK_LIFETIME = timedelta(hours=24)
THE_LINK = "the one"  # there is never more than one: a newer link takes the place of the older


class OperatorExists(Conflict):
    """The username is taken."""

    code, title = "operator_exists", "There is an operator of this name"


class SetupLinkInvalid(AppError):
    """The set-up link was used, replaced or has expired, or an operator exists by now."""

    status, code, title = 410, "setup_link_invalid", "This set-up link is no longer valid"


@dataclass(frozen=True)
class Operator:
    """An operator; ``role`` is one of ``ROLES``, each of which may do what those before it may."""

    id: ObjectId
    username: str
    email: str
    full_name: str
    role: str
    created_at: datetime
    last_sign_in_at: datetime | None = None
    disabled_at: datetime | None = None

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Operator":
        """Return the operator that ``document`` stores."""
        return cls(
            id=document["_id"],
            username=document["username"],
            email=document["email"],
            full_name=document["fullName"],
            role=document["role"],
            created_at=document["createdAt"],
            last_sign_in_at=document.get("lastSignInAt"),
            disabled_at=document.get("disabledAt"),
        )

    def may(self, role: str) -> bool:
        """Return whether this operator may do what ``role`` may."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def actor(self) -> dict[str, Any]:
        """This operator as the audit log names actors."""
        return {"kind": "operator", "id": self.id, "name": self.username}

    def as_dict(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "id": str(self.id),
            "username": self.username,
            "email": self.email,
            "fullName": self.full_name,
            "role": self.role,
            "createdAt": self.created_at,
            "lastSignInAt": self.last_sign_in_at,
            "disabledAt": self.disabled_at,
        }


def create(ops: Database, *, username: str, email: str, full_name: str, role: str, password: str) -> Operator:
    """Add an operator.

    :raises ValidationFailed: names every invalid field.
    :raises OperatorExists: the username is taken, in whatever case.
    """
    check(username=username, email=email, full_name=full_name, role=role, password=password)
    document = {
        "username": username.strip(),
        "email": email.strip(),
        "fullName": full_name.strip(),
        "role": role,
        "password": passwords.hash_password(password),
        "createdAt": clock.now(),
        "lastSignInAt": None,
        "disabledAt": None,
    }
    try:
        ops[COLLECTION].insert_one(document)
    except DuplicateKeyError:
        raise OperatorExists(f"There is an operator called {username.strip()}.") from None
    return Operator.of(document)


def check(*, username: str, email: str, full_name: str, role: str, password: str) -> None:
    """Check what an operator is to be made of.

    :raises ValidationFailed: names every invalid field.
    """
    username, email, full_name = username.strip(), email.strip(), full_name.strip()
    faults = {
        "username": None
        if USERNAME.fullmatch(username)
        else "Must have 3 to 30 letters, digits, dots, dashes or underscores, and start with a letter or digit.",
        "email": None if EMAIL.fullmatch(email) and len(email) <= LONGEST_EMAIL else "Not an email address.",
        "fullName": None
        if 0 < len(full_name) <= LONGEST_NAME and full_name.isprintable()
        else f"Must have 1 to {LONGEST_NAME} characters.",
        "role": None if role in ROLES else f"Must be one of {', '.join(ROLES)}.",
        "password": passwords.weakness(password, username or "?"),
    }
    errors = [field_error([name], fault) for name, fault in faults.items() if fault]
    if errors:
        raise ValidationFailed("; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors)


def authenticate(ops: Database, username: str, password: str) -> Operator | None:
    """Return the operator with this name and password; the time taken does not tell which was wrong."""
    document = ops[COLLECTION].find_one({"username": username}, collation=ANY_CASE)
    enabled = document if document and document.get("disabledAt") is None else None
    if not passwords.verify_password(enabled and enabled["password"], password) or enabled is None:
        return None
    ops[COLLECTION].update_one({"_id": enabled["_id"]}, {"$set": {"lastSignInAt": clock.now()}})
    return Operator.of(enabled)


def knows_password(ops: Database, operator: Operator, password: str) -> bool:
    """Return whether ``password`` is that of ``operator``, who must not have been disabled."""
    document = ops[COLLECTION].find_one({"_id": operator.id, "disabledAt": None}, {"password": 1})
    return passwords.verify_password(document and document["password"], password)


def find(ops: Database, operator_id: ObjectId) -> Operator | None:
    """Return the operator, unless there is none or it is disabled."""
    document = ops[COLLECTION].find_one({"_id": operator_id, "disabledAt": None}, {"password": 0})
    return Operator.of(document) if document else None


def everybody(ops: Database) -> list[Operator]:
    """Return all operators by name, the disabled ones included."""
    return [Operator.of(document) for document in ops[COLLECTION].find({}, {"password": 0}).sort("username", 1)]


def exist(ops: Database) -> bool:
    """Return whether there is an operator at all."""
    return ops[COLLECTION].find_one({}, {"_id": 1}) is not None


def setup_link(ops: Database, settings: Settings) -> str | None:
    """Return a new link that lets one person create the first operator, ``None`` once there is one.

    It works once, for ``LINK_LIFETIME``, and makes every earlier link useless. Only its hash is stored.
    """
    if exist(ops):
        return None
    token = clock.random_token()
    link = {"tokenHash": _hash(token), "expiresAt": clock.now() + LINK_LIFETIME}
    ops[SETUP_LINKS].replace_one({"_id": THE_LINK}, link, upsert=True)
    return f"{settings.base_url}/ops/setup?token={token}"


def check_setup_token(ops: Database, token: str) -> None:
    """Check that ``token`` may be used now.

    :raises SetupLinkInvalid: it may not.
    """
    if exist(ops) or ops[SETUP_LINKS].find_one(_usable(token)) is None:
        raise SetupLinkInvalid(SETUP_ADVICE)


def create_first(ops: Database, token: str, *, username: str, email: str, full_name: str, password: str) -> Operator:
    """Use up ``token`` to create the first operator, an admin.

    :raises ValidationFailed: names every invalid field; the link stays usable.
    :raises SetupLinkInvalid: the link may not be used any more.
    """
    person = {"username": username, "email": email, "full_name": full_name, "role": "admin", "password": password}
    check_setup_token(ops, token)
    check(**person)
    if ops[SETUP_LINKS].find_one_and_delete(_usable(token)) is None:  # somebody else was quicker
        raise SetupLinkInvalid(SETUP_ADVICE)
    return create(ops, **person)


SETUP_ADVICE = "It works once and for 24 hours. `mixillo operator setup-link` prints a new one if no operator exists."


def _usable(token: str) -> dict[str, Any]:
    return {"_id": THE_LINK, "tokenHash": _hash(token), "expiresAt": {"$gt": clock.now()}}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
