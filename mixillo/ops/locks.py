"""A lock in the database: one process at a time, and a killed holder blocks nobody for long."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from mixillo.core import clock

log = structlog.get_logger(__name__)
COLLECTION = "locks"
# A holder that was killed is overtaken after this long; a living one renews three times within it.
LEASE_SECONDS = 10.0
SECONDS_BETWEEN_ATTEMPTS = 0.1

Told = Callable[[str], None]


class LockLost(Exception):
    """Another process has taken over, because this one could not renew its lease in time."""


class Lock:
    """The lease called ``name``, kept alive by a thread until it is released.

    Expiry is reckoned by the server's clock alone, so holders may disagree about the time.
    """

    def __init__(self, ops: Database, name: str) -> None:
        self._leases: Collection[dict[str, Any]] = ops[COLLECTION]
        self._name = name
        self._token = clock.random_token(12)
        self._released = threading.Event()
        self._lost = threading.Event()
        self._renewal = threading.Thread(target=self._renew, name=f"lock-{name}", daemon=True)

    def acquire(self, on_wait: Told | None = None) -> None:
        """Wait for the lease; ``on_wait`` is told once who holds it."""
        told = False
        while not self.attempt():
            if on_wait and not told:
                on_wait(self._holder())
                told = True
            self._released.wait(SECONDS_BETWEEN_ATTEMPTS)

    def attempt(self) -> bool:
        """Take the lease if nobody holds it, and return whether."""
        if not self._take():
            return False
        self._renewal.start()
        return True

    def check(self) -> None:
        """Make sure that the lease is still held.

        :raises LockLost: it is not.
        """
        if self._lost.is_set():
            raise LockLost(f"The lock {self._name!r} was taken over by another process.")

    def release(self) -> None:
        """Give the lease back; where the database is away, the lease expires, which the log says."""
        self._released.set()
        self._renewal.join()
        try:
            self._leases.delete_one({"_id": self._name, "token": self._token})
        except PyMongoError as error:
            # No warning: it heals by itself, and what took the database away has more to say.
            log.info("lock_not_released", lock=self._name, seconds=LEASE_SECONDS, error=type(error).__name__)

    def _take(self) -> bool:
        """Take the lease when nobody holds it or its holder has let it expire."""
        expired = {"_id": self._name, "$expr": {"$lt": ["$expiresAt", "$$NOW"]}}
        if self._leases.update_one(expired, self._lease()).matched_count:
            return True
        try:
            never_taken = {"_id": self._name, "token": {"$exists": False}}
            return self._leases.update_one(never_taken, self._lease(), upsert=True).upserted_id is not None
        except DuplicateKeyError:
            return False

    def _lease(self) -> list[dict[str, Any]]:
        holder = {"token": self._token, "host": socket.gethostname(), "pid": os.getpid()}
        return [{"$set": holder | {"expiresAt": {"$add": ["$$NOW", int(LEASE_SECONDS * 1_000)]}}}]

    def _renew(self) -> None:
        while not self._released.wait(LEASE_SECONDS / 3):
            try:
                mine = {"_id": self._name, "token": self._token}
                if not self._leases.update_one(mine, self._lease()).matched_count:
                    self._lost.set()
                    return
            except PyMongoError:
                continue  # the lease may outlast the failure; if not, the next renewal finds it taken

    def _holder(self) -> str:
        lease = self._leases.find_one({"_id": self._name}) or {}
        return f"process {lease.get('pid', '?')} on {lease.get('host', '?')}"


@contextmanager
def held(ops: Database, name: str, on_wait: Told | None = None) -> Iterator[Lock]:
    """Hold the lease called ``name`` for the length of the block, waiting for it first."""
    lock = Lock(ops, name)
    lock.acquire(on_wait)
    try:
        yield lock
    finally:
        lock.release()
