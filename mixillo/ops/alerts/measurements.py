"""What the rules look at: each function reads one figure from the technical database, with its sample."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.database import Database

from mixillo.core.realtime.figures import ASKED, CUT
from mixillo.ops import migrations, reconciliations
from mixillo.ops.backups import records
from mixillo.ops.integrity import scan
from mixillo.ops.metrics import queries
from mixillo.ops.metrics.figures import Figures
from mixillo.ops.metrics.levels import ALL, MINUTES, Window
from mixillo.ops.metrics.sockets import reading
from mixillo.ops.probes import history as probes

P95_OVER = timedelta(minutes=15)
# A run that is older says nothing about now.
PROBES_COUNT_FOR = timedelta(hours=24)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Reading:
    """One figure: ``value`` in the rule's unit (``None``: there is nothing to measure), from how many samples.

    ``detail`` says it in words, with its window.
    """

    value: float | None
    sample: int
    detail: str


Measure = Callable[[Database, datetime], Reading]


def error_rate(short: timedelta, long: timedelta) -> Measure:
    """Return a measure of the share of 5xx that both windows reach: fresh, and not a mere moment."""

    def measure(ops: Database, now: datetime) -> Reading:
        parts = [(length, _over(ops, now, length, ALL)) for length in (short, long)]
        rates = [figures.error_rate for _, figures in parts if figures.error_rate is not None]
        words = (
            f"{_share(figures.error_rate)} of {figures.requests:,} in {_length(length)}" for length, figures in parts
        )
        return Reading(min(rates) if len(rates) == 2 else None, parts[0][1].requests, ", ".join(words))

    return measure


def p95(group: str) -> Measure:
    """Return a measure of the latency in ms that 95 % of a group's requests stayed under."""

    def measure(ops: Database, now: datetime) -> Reading:
        figures = _over(ops, now, P95_OVER, f"group:{group}")
        value = figures.p95
        words = "no requests" if value is None else f"p95 {value:.0f} ms of {figures.requests:,} requests"
        return Reading(value, figures.requests, f"{words} in {_length(P95_OVER)}")

    return measure


def probes_failing(ops: Database, now: datetime) -> Reading:
    """Return the share of judged probes that did not pass in the last run of everything."""
    run = probes.latest(ops)
    if run is None or run["startedAt"] < now - PROBES_COUNT_FOR:
        return Reading(None, 0, f"no run in {_length(PROBES_COUNT_FOR)}")
    judged, passing = run["judged"], run["passing"]
    value = (judged - passing) / judged if judged else None
    return Reading(value, judged, f"{passing} of {judged} passed at {run['startedAt']:%Y-%m-%d %H:%M} UTC")


def integrity_growth(ops: Database, _now: datetime) -> Reading:
    """Return by how many issues the last integrity scan differs from the one before."""
    scans = scan.history(ops, 2)
    if len(scans) < 2:
        return Reading(None, len(scans), f"{len(scans)} of 2 scans")
    newest, before = scans[0]["issues"], scans[1]["issues"]
    return Reading(float(newest - before), 2, f"{newest} issues, {before} in the scan before")


def backup_age(ops: Database, now: datetime) -> Reading:
    """Return for how many hours there has been no backup; before the first one, since the installation."""
    latest = records.latest(ops)
    if latest:
        return Reading(
            (now - latest["createdAt"]) / HOUR, 1, f"the last one is of {latest['createdAt']:%Y-%m-%d %H:%M} UTC"
        )
    installed = ops[migrations.COLLECTION].find_one({"appliedAt": {"$ne": None}}, sort=[("appliedAt", 1)])
    if installed is None:
        return Reading(None, 0, "nothing is installed yet")
    return Reading((now - installed["appliedAt"]) / HOUR, 1, "there is none")


def backup_unverified(ops: Database, now: datetime) -> Reading:
    """Return for how many hours no backup has been restored with success, since the first backup at most."""
    first = ops[records.COLLECTION].find_one({"state": records.DONE}, sort=[("createdAt", 1)])
    if first is None:
        return Reading(None, 0, "there is no backup to verify")
    good = records.latest_verified(ops)
    since = good["verifiedAt"] if good else first["createdAt"]
    words = f"last verified at {since:%Y-%m-%d %H:%M} UTC" if good else "none was ever verified"
    return Reading((now - since) / HOUR, 1, words)


def backups_damaged(ops: Database, _now: datetime) -> Reading:
    """Return how many of the kept backups did not restore when they were verified."""
    kept = {"removedAt": None, "verifiedAt": {"$ne": None}}
    verified = ops[records.COLLECTION].count_documents(kept)
    bad = list(ops[records.COLLECTION].find(kept | {"verified": False}, {"name": 1}, sort=[("name", -1)]))
    words = ", ".join(record["name"] for record in bad[:3]) or f"{verified} verified, all good"
    return Reading(float(len(bad)), verified, words)


def money_faults(ops: Database, _now: datetime) -> Reading:
    """Return how many things were wrong when wallets were last held against the ledger."""
    found = reconciliations.latest(ops)
    if found is None:
        return Reading(None, 0, "the books were never compared")
    faults = reconciliations.faults(found)
    return Reading(
        float(faults), 1, f"{faults} faults in {found['wallets']} wallets at {found['at']:%Y-%m-%d %H:%M} UTC"
    )


def sockets_late(ops: Database, now: datetime) -> Reading:
    """Return the milliseconds from writing an event down to telling it that 95 % stayed under."""
    found = reading.over(ops, P95_OVER, now)
    value = found.lag(0.95)
    words = "nothing was told" if value is None else f"p95 {value:.0f} ms of {found.told:,} deliveries"
    return Reading(value, found.told, f"{words} in {_length(P95_OVER)}")


def sockets_full(ops: Database, _now: datetime) -> Reading:
    """Return the share of its sockets that the fullest instance has open."""
    found = reading.instances(ops)
    shares = [(each["sockets"] / each["cap"], each) for each in found]
    if not shares:
        return Reading(None, 0, "no instance has told of its sockets")
    share, fullest = max(shares, key=lambda pair: pair[0])
    return Reading(share, len(found), f"{fullest['sockets']:,} of {fullest['cap']:,} on {fullest['instance']}")


def sockets_cut(ops: Database, now: datetime) -> Reading:
    """Return how many sockets were cut because they went on sending more than they may."""
    found = reading.over(ops, P95_OVER, now)
    if not found.by_minute:
        return Reading(None, 0, f"no instance has told of its sockets in {_length(P95_OVER)}")
    cut, asked = found.counts[CUT], found.counts[ASKED]
    return Reading(float(cut), asked, f"{cut:,} cut, {asked:,} events in {_length(P95_OVER)}")


def database_unreachable(_ops: Database, _now: datetime) -> Reading:
    """Return 0: whoever evaluates rules has reached the database. See ``outage`` for when nobody does."""
    return Reading(0.0, 1, "reachable")


def _over(ops: Database, now: datetime, length: timedelta, series: str) -> Figures:
    return queries.over(ops, Window(MINUTES.floor(now - length)), series)


def _share(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.2%}"


def _length(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
