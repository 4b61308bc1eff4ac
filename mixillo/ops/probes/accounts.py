"""The probe's own accounts: made for a run, told from people's by their address, gone afterwards.

With the database at hand they are written to it, one for each role, and removed with everything that belongs to
them. Against a server elsewhere they register through its API like anybody, so that only users can be made, and
what they leave is said.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from blinker import Signal
from bson import ObjectId
from pymongo.database import Database

from mixillo.core import clock, passwords
from mixillo.core.db import references
from mixillo.core.realtime import room_log, session_room, user_room
from mixillo.ops.probes.asking import Patience, Unavailable
from mixillo.ops.probes.http import Request

REGISTER, LOGIN, ME = "/api/auth/register", "/api/auth/login", "/api/auth/me"
DOMAIN = "probe.invalid"  # a top-level domain that can never exist (RFC 2606), so no person has such an address
ADDRESS = re.compile(rf"^probe_[0-9a-f]{{8}}_\d+@{re.escape(DOMAIN)}$")
FULL_NAME = "Mixillo Probe"
NO_PASSWORD = "!"  # noqa: S105  matches nothing: nobody signs in to it
LEFT_OVER_AFTER = timedelta(hours=1)
NAME = re.compile(r"^probe_[0-9a-f]{8}_\d+$")
CREATED = re.compile(r"\.created$")

# Features that need more than an account to be probed, or leave more behind than what refers to it, listen here.
# ``provisioned`` is sent with the ``user_id`` of an account that will sign in, ``removing`` with ``user_ids`` and both
# databases before they go.
provisioned, removing = Signal(), Signal()


@dataclass
class Account:
    """An account of the probe. ``password`` follows when a probe changes it."""

    username: str
    password: str
    id: str | None = None

    @property
    def email(self) -> str:
        """Its address, by which it is recognised."""
        return f"{self.username}@{DOMAIN}"


def is_probe(username: str) -> bool:
    """Return whether ``username`` is that of a probe, whose looks are not people's."""
    return NAME.match(username) is not None


class Names:
    """Fresh names and passwords of one run."""

    def __init__(self) -> None:
        self.prefix = f"probe_{hashlib.sha256(clock.random_token().encode()).hexdigest()[:8]}_"
        self._used = 0

    def account(self) -> Account:
        """Return an account that does not exist yet."""
        self._used += 1
        return Account(f"{self.prefix}{self._used}", clock.random_token(18))


class Accounts(Protocol):
    """Where a run gets its accounts from."""

    names: Names
    # Whether they have nothing but themselves: no coins, no goods, no streams.
    are_bare: bool

    def make(self, role: str) -> Account:
        """Return a new account.

        :raises Unavailable: none of this role can be made.
        """

    def target(self) -> str:
        """Return the id of a person of the probe for others to act on: to follow, to block, to ban.

        :raises Unavailable: none can be made.
        """

    def remove(self) -> list[str]:
        """Remove what was made and return sentences about what could not be."""


@dataclass
class InDatabase:
    """Accounts in the target's own database, of every role; nothing of them stays."""

    database: Database
    ops: Database
    names: Names = field(default_factory=Names)
    are_bare = False

    def make(self, role: str) -> Account:
        """Return a new account of ``role``."""
        account = self.names.account()
        user_id = provision(self.database, account, role, passwords.hash_password(account.password))
        provisioned.send(None, user_id=user_id)
        account.id = str(user_id)
        return account

    def target(self) -> str:
        """Return the id of a person who is new, so that nothing done to another gets in the way."""
        return str(provision(self.database, self.names.account(), "user", NO_PASSWORD))

    def remove(self) -> list[str]:
        """Remove this run's accounts and what runs that were killed left behind."""
        remove(self.database, self.ops, self.names.prefix)
        remove_leftovers(self.database, self.ops)
        return []


@dataclass
class Registered:
    """Accounts that register through the API; made only where changes are allowed."""

    patience: Patience
    names: Names = field(default_factory=Names)
    are_bare = True
    _target: str | None = None
    _made: int = 0

    def make(self, role: str) -> Account:
        """Return a new account; only users can register."""
        if role != "user":
            raise Unavailable(f"no account of the role {role}: it takes a token, or the database")
        account = self.names.account()
        body = {"username": account.username, "email": account.email, "password": account.password}
        answer = self.patience.try_ask(Request("POST", REGISTER, body=body | {"fullName": FULL_NAME}))
        user = (answer.data() or {}).get("user") if answer and answer.status == 201 else None
        if not isinstance(user, dict) or not isinstance(user.get("_id"), str):
            raise Unavailable("no account: registering did not work")
        account.id = user["_id"]
        self._made += 1
        return account

    def target(self) -> str:
        """Return the id of one person for all, since registering is rationed."""
        self._target = self._target or self.make("user").id or ""
        return self._target

    def remove(self) -> list[str]:
        """Say what stays: the API has no way to delete an account."""
        if not self._made:
            return []
        return [
            f"Accounts named {self.names.prefix}* stay at the target; `mixillo probe` on a machine with access to its "
            "database removes them."
        ]


def provision(database: Database, account: Account, role: str, password_hash: str) -> ObjectId:
    """Store ``account`` and return its id."""
    now = clock.now()
    document = {
        "username": account.username,
        "email": account.email,
        "password": password_hash,
        "fullName": FULL_NAME,
        "role": role,
        "status": "active",
        "createdAt": now,
        "updatedAt": now,
    }
    inserted: ObjectId = database["users"].insert_one(document).inserted_id
    return inserted


def remove(database: Database, ops: Database, prefix: str) -> int:
    """Remove the accounts of the run whose names begin with ``prefix``, and return how many there were."""
    if not re.fullmatch(r"probe_[0-9a-f]{8}_", prefix):
        raise ValueError(f"{prefix!r} is not the prefix of a run")
    return _remove(database, ops, {"email": {"$regex": f"^{prefix}\\d+@{re.escape(DOMAIN)}$"}})


def remove_leftovers(database: Database, ops: Database) -> int:
    """Remove the accounts of runs that were killed over an hour ago, and return how many there were."""
    old = {"$lt": clock.now() - LEFT_OVER_AFTER}
    return _remove(database, ops, {"email": {"$regex": ADDRESS.pattern}, "createdAt": old})


def _remove(database: Database, ops: Database, where: dict[str, Any]) -> int:
    accounts = list(database["users"].find(where, {"username": 1, "email": 1}))
    ids = [account["_id"] for account in accounts]
    if not ids:
        return 0
    # Whoever tells people of things beside the answers leaves out those who are closed: nothing arrives meanwhile.
    database["users"].update_many({"_id": {"$in": ids}}, {"$set": {"status": "inactive"}})
    removing.send(None, user_ids=ids, database=database, ops=ops)
    _remove_created(database, ops, ids)
    remove_referring(database, "users", ids)
    theirs = {"userId": {"$in": ids}}
    rooms = [session_room(session["_id"]) for session in ops["sessions"].find(theirs, {"_id": 1})]
    room_log.forget([*rooms, *(user_room(user_id) for user_id in ids)], ops)
    ops["sessions"].delete_many(theirs)
    ops["loginfailures"].delete_many({"_id": _guesses_at(accounts)})
    # The accounts go last: whoever is killed before leaves them for the next run to find.
    database["users"].delete_many({"_id": {"$in": ids}})
    return len(ids)


def _remove_created(database: Database, ops: Database, ids: list[ObjectId]) -> None:
    """Remove what the accounts have made as administrators, as the audit log knows it, which itself only grows."""
    mine = {"actor.id": {"$in": [*ids, *map(str, ids)]}, "action": CREATED}
    for entry in ops["auditlog"].find(mine, ["target", "targetId"]):
        database[entry["target"]].delete_one({"_id": entry["targetId"]})


def remove_referring(database: Database, target: str, ids: list[Any]) -> None:
    """Remove what belongs to documents of ``target``, as far down as references with the policy "delete" lead."""
    for reference in references():
        if reference.target != target or reference.policy != "delete":
            continue
        belonging = {reference.path: {"$in": ids}}
        found = [document["_id"] for document in database[reference.collection].find(belonging, {"_id": 1})]
        if found:
            remove_referring(database, reference.collection, found)
            database[reference.collection].delete_many({"_id": {"$in": found}})


def _guesses_at(accounts: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return a filter of the counted guesses at ``accounts``: keyed by kind and by id or a name's digest."""
    keys = [str(account["_id"]) for account in accounts]
    keys += [_digest(account[name]) for account in accounts for name in ("username", "email")]
    return {"$regex": f"^[a-z]+:({'|'.join(keys)})(:|$)"}


def _digest(name: str) -> str:
    return hashlib.sha256(name.casefold().encode()).hexdigest()
