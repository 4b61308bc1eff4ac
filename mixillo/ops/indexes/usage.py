"""How often indexes are used: the server's counters are added up, because they begin again with every restart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import bson
from pymongo import ReadPreference
from pymongo.database import Database

from mixillo.core import clock
from mixillo.core.db import OURS
from mixillo.ops.indexes.definition import Index, collections
from mixillo.ops.jobs import Report

COLLECTION = "indexusage"
# A restart throws away what was counted since the last sample; after a longer gap the observation begins anew.
BLIND_FOR = timedelta(days=1)
# A host that has not been met for so long is another's name by now.
GONE_AFTER = timedelta(days=30)

Sample = Mapping[str, Any]


@dataclass(frozen=True)
class Observation:
    """What is known of an index: ``uses`` in all, the last one, and since when every one of its hosts is observed.

    ``hosts`` are the servers that were asked, ``unseen`` those that are known and were not.
    """

    uses: int
    last_used_at: datetime | None
    since: datetime
    hosts: int
    unseen: int

    def days(self, now: datetime) -> float:
        """Return for how many days it has been observed without a use."""
        return (now - max(self.since, self.last_used_at or self.since)) / timedelta(days=1)


def sample(database: Database, ops: Database, report: Report | None = None) -> int:
    """Read every index's counter and add what is new to its record; return how many indexes there are.

    One sample a day is enough. Secondaries are asked one at a time, so that each has its turn after some samples.
    """
    now = clock.now()
    names = list(collections(database))
    known = {record["_id"]: record for record in ops[COLLECTION].find()}
    found = 0
    for done, name in enumerate(names):
        samples = list(_read(database, name))
        before = {each["id"]: each for each in known.pop(name, {"indexes": []})["indexes"]}
        indexes = [_added(before.get(identity), identity, of_it, now) for identity, of_it in _by_index(samples).items()]
        ops[COLLECTION].replace_one({"_id": name}, {"indexes": indexes, "sampledAt": now}, upsert=True)
        found += len(indexes)
        if report:
            report(done + 1, len(names), name)
    ops[COLLECTION].delete_many({"_id": {"$in": list(known)}})
    return found


def observations(database: Database, ops: Database) -> dict[tuple[str, bytes], Observation]:
    """Return what is known of each index, by collection and :func:`identity_of`."""
    nodes = len(database.client.nodes)
    found = {}
    for record in ops[COLLECTION].find():
        for each in record["indexes"]:
            hosts = each["hosts"]
            last_used = [host["lastUsedAt"] for host in hosts if host["lastUsedAt"]]
            found[record["_id"], each["id"]] = Observation(
                uses=sum(host["uses"] for host in hosts),
                last_used_at=max(last_used, default=None),
                since=max(host["observedSince"] for host in hosts),
                hosts=len(hosts),
                unseen=max(0, nodes - len(hosts)),
            )
    return found


def sampled_at(ops: Database) -> datetime | None:
    """Return when the counters were last read."""
    newest = ops[COLLECTION].find_one(sort=[("sampledAt", -1)])
    return newest["sampledAt"] if newest else None


def identity_of(index: Index) -> bytes:
    """Return what makes an index the one it is: one that was dropped and made anew differently is another."""
    return bson.encode({name: value for name, value in sorted(index.spec.items()) if name not in ("hidden", "ns")})


def _read(database: Database, name: str) -> Iterable[Sample]:
    preferences = [ReadPreference.PRIMARY]
    if database.client.secondaries:
        preferences.append(ReadPreference.SECONDARY)  # type: ignore[arg-type]
    for preference in preferences:
        collection = database.get_collection(name, read_preference=preference)
        yield from (
            each for each in collection.aggregate([{"$indexStats": {}}], comment=OURS) if not each.get("building")
        )


def _by_index(samples: Iterable[Sample]) -> dict[bytes, list[Sample]]:
    found: dict[bytes, list[Sample]] = {}
    for each in samples:
        found.setdefault(identity_of(Index.of("", each["spec"])), []).append(each)
    return found


def _added(before: dict[str, Any] | None, identity: bytes, samples: list[Sample], now: datetime) -> dict[str, Any]:
    """Return an index's record with the new samples added; hosts that were not asked this time stay."""
    hosts = {host["host"]: host for host in before["hosts"] if now - host["seenAt"] < GONE_AFTER} if before else {}
    for each in samples:
        hosts[each["host"]] = _host(hosts.get(each["host"]), each, now)
    return {"id": identity, "name": samples[0]["name"], "hosts": list(hosts.values())}


def _host(before: dict[str, Any] | None, read: Sample, now: datetime) -> dict[str, Any]:
    since, counted = read["accesses"]["since"], int(read["accesses"]["ops"])
    if before is None:
        new, uses, observed_since, last_used = counted, 0, since, None
    else:
        restarted = since != before["since"]
        new = counted if restarted else counted - before["counted"]
        blind = restarted and since - before["seenAt"] > BLIND_FOR
        uses, last_used = before["uses"], before["lastUsedAt"]
        observed_since = since if blind else before["observedSince"]
    return {
        "host": read["host"], "since": since, "counted": counted, "seenAt": now, "uses": uses + new,
        "observedSince": observed_since, "lastUsedAt": now if new > 0 else last_used,
    }  # fmt: skip
