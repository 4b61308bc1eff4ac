"""Wrong guesses at passwords: few per account, wherever they come from, without locking the owner out.

A guess is counted before the password is looked at, atomically and in the database, so that neither parallel
requests nor more instances allow more of them. An account has two names, username and e-mail address; each has
half of the account's budget, because one budget for both would tell which names belong together. Networks from
which the owner signed in before have budgets of their own: a stranger who uses up the others locks out strangers.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.collection import Collection

from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.errors import TooManyRequests

WINDOW = timedelta(minutes=15)
PER_NAME = 5  # so at most ten per account and window
PER_KNOWN_NETWORK = 10


class TooManyGuesses(TooManyRequests):
    """No password is looked at for a while, right or wrong."""

    code, title = "TOO_MANY_ATTEMPTS", "Too many attempts"


@dataclass(frozen=True)
class Guess:
    """A guess that was allowed and counts as wrong until it is taken back."""

    budget: str
    id: ObjectId


def by_name(identifier: str) -> Guess:
    """Count a guess at the account with this name, whether or not there is one.

    :raises TooManyGuesses: with ``Retry-After``.
    """
    return _count(f"name:{_digest(identifier.casefold())}", PER_NAME)


def from_known_network(user_id: ObjectId, network: str) -> Guess:
    """Count a guess from where the account's owner signed in before; raises like :func:`by_name`."""
    return _count(f"known:{user_id}:{network}", PER_KNOWN_NETWORK)


def while_signed_in(user_id: ObjectId) -> Guess:
    """Count a guess by somebody who holds a session of the account; raises like :func:`by_name`."""
    return _count(f"session:{user_id}", PER_NAME)


def take_back(guess: Guess) -> None:
    """Count a guess no longer: it was right."""
    _collection().update_one({"_id": guess.budget}, {"$pull": {"guesses": {"id": guess.id}}})


def _count(budget: str, limit: int) -> Guess:
    """Add a guess to those of the last ``WINDOW`` if they are fewer than ``limit``, in one update.

    :raises TooManyGuesses: they are not.
    """
    now, guess = clock.now(), Guess(budget, ObjectId())
    recent = {
        "$filter": {
            "input": {"$ifNull": ["$guesses", []]},
            "cond": {"$gt": ["$$this.at", now - WINDOW]},
        }
    }
    added = {"$concatArrays": ["$guesses", [{"id": guess.id, "at": now}]]}
    counted = _collection().find_one_and_update(
        {"_id": budget},
        [
            {"$set": {"guesses": recent}},
            {"$set": {"guesses": {"$cond": [{"$lt": [{"$size": "$guesses"}, limit]}, added, "$guesses"]}}},
            {"$set": {"expiresAt": now + WINDOW}},
        ],
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    assert counted is not None  # an upsert returns what it made
    if all(each["id"] != guess.id for each in counted["guesses"]):
        _refuse(counted["guesses"])
    return guess


def _refuse(guesses: list[dict[str, Any]]) -> None:
    wait = math.ceil((min(each["at"] for each in guesses) + WINDOW - clock.now()).total_seconds())
    seconds = max(1, wait)
    raise TooManyGuesses(
        f"Too many attempts; try again in {seconds} s.", headers={"Retry-After": str(seconds)}, retryAfter=seconds
    )


def _collection() -> Collection:
    return ops_database()["loginfailures"]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
