"""Everything that a report is about, read once; the sections only put it into words."""

import statistics as mathematics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops import alerts, comparisons, growth, indexes, machine, migrations, revisions, slow_queries
from mixillo.ops.alerts import delivery, measurements, rules
from mixillo.ops.alerts.measurements import Reading
from mixillo.ops.backups import records as backups
from mixillo.ops.comparisons import Comparison
from mixillo.ops.connection import place
from mixillo.ops.database import DatabaseStats, statistics
from mixillo.ops.indexes import Verdict
from mixillo.ops.integrity import scan
from mixillo.ops.metrics import PERIODS, Figures, by_group
from mixillo.ops.metrics.levels import ALL
from mixillo.ops.migrations import Status
from mixillo.ops.probes import history as probes
from mixillo.ops.uptime import Uptime, uptime
from mixillo.ops.uptime.pulse import HEARTBEATS

PINGS = 5
REVISIONS = 10
SLOWEST = 10
UPTIMES = ("24h", "7d", "30d")


@dataclass(frozen=True)
class Connection:
    """The database's server: where, of which kind, and how long it took to answer (ms, the median of ``PINGS``)."""

    address: str
    replica_set: str | None
    members: int
    latency_ms: float


@dataclass(frozen=True)
class Protection:
    """Backups and who is told: the newest records and what the rules of the alerts say of their age."""

    backup: dict[str, Any] | None
    verified: dict[str, Any] | None
    age: Reading
    unverified: Reading
    longest_age: float
    longest_unverified: float
    deliveries: Mapping[str, int]
    open_alerts: list[dict[str, Any]]


@dataclass(frozen=True)
class Evidence:
    """What was measured, by ``at``; windows are those of ``period`` unless they have a name of their own."""

    at: datetime
    period: str
    settings: Settings
    connection: Connection
    stats: DatabaseStats
    migrations: list[Status]
    verdicts: list[Verdict]
    indexes_sampled_at: datetime | None
    slow: list[dict[str, Any]]
    growth: dict[str, Any]
    scan: dict[str, Any] | None
    probes: dict[str, Any] | None
    probed: list[dict[str, Any]]
    revisions: list[dict[str, Any]]
    comparisons: Mapping[str, Comparison]
    uptimes: Mapping[str, Uptime]
    groups: Mapping[str, Figures]
    protection: Protection
    instances: int
    memory: machine.Memory
    cpu: machine.Cpu

    @property
    def requests(self) -> Figures:
        """The figures of all requests of the period."""
        return self.groups[ALL]

    @property
    def running(self) -> dict[str, Any] | None:
        """The revision that was last seen running: the server's, which need not be that of this process."""
        own = [entry for entry in self.revisions if entry["source"] != "imported" and entry["lastSeenAt"]]
        return max(own, key=lambda entry: entry["lastSeenAt"], default=None)

    @property
    def comparison(self) -> Comparison | None:
        """The running revision against what ran before it."""
        return self.comparisons.get(self.running["revision"]) if self.running else None


def gather(settings: Settings, database: Database, ops: Database, period: str) -> Evidence:
    """Read the evidence; nothing of the owner's is scanned, except for the day's growth sample when it is due.

    :raises PyMongoError: the database does not answer.
    """
    now = clock.now()
    if growth.is_due(ops):
        growth.take(database, ops)
    listed = revisions.listing(ops)[:REVISIONS]
    run = probes.latest(ops)
    return Evidence(
        at=now,
        period=period,
        settings=settings,
        connection=_connection(settings, database),
        stats=statistics(database),
        migrations=migrations.status(database, ops),
        verdicts=indexes.verdicts(database, ops, sizes=False),
        indexes_sampled_at=indexes.sampled_at(ops),
        slow=slow_queries.slowest(ops, SLOWEST),
        growth=growth.latest(ops) or {"takenAt": now, "collections": [], "archivable": []},
        scan=scan.latest(ops),
        probes=run,
        probed=probes.cases(ops, run["_id"]) if run else [],
        revisions=listed,
        comparisons=_comparisons(ops, listed),
        uptimes={name: uptime(ops, name) for name in UPTIMES},
        groups=by_group(ops, period),
        protection=_protection(ops, now, PERIODS[period].length),
        instances=len(ops[HEARTBEATS].distinct("instance", {"at": {"$gte": now - PERIODS[period].length}})),
        memory=machine.memory(),
        cpu=machine.cpu(),
    )


def _connection(settings: Settings, database: Database) -> Connection:
    taken = []
    for _ in range(PINGS):
        began = time.perf_counter()
        hello = database.client.admin.command("hello")
        taken.append((time.perf_counter() - began) * 1000)
    return Connection(
        address=place(settings.mongodb_uri),
        replica_set=hello.get("setName"),
        members=len(hello.get("hosts", [])),
        latency_ms=mathematics.median(taken),
    )


def _comparisons(ops: Database, listed: list[dict[str, Any]]) -> dict[str, Comparison]:
    own = [entry["revision"] for entry in listed if entry["source"] != "imported"]
    return {name: compared for name in own if (compared := comparisons.compare(ops, name))}


def _protection(ops: Database, now: datetime, length: timedelta) -> Protection:
    thresholds = {rule.id: rule.threshold for rule in rules.effective(ops)}
    states = (delivery.SENT, delivery.GIVEN_UP, delivery.QUEUED)
    since = {"$gte": now - length}
    return Protection(
        backup=backups.latest(ops),
        verified=backups.latest_verified(ops),
        age=measurements.backup_age(ops, now),
        unverified=measurements.backup_unverified(ops, now),
        longest_age=thresholds["backup-stale"],
        longest_unverified=thresholds["backup-unverified"],
        deliveries={
            state: ops[delivery.COLLECTION].count_documents({"createdAt": since, "state": state}) for state in states
        },
        open_alerts=alerts.open_alerts(ops),
    )
