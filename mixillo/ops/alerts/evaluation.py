"""Evaluating the rules: from readings to states, history and notices in one transaction, by anyone at any time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from blinker import Signal
from flask import Flask
from pymongo import ReplaceOne, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.db import ops_database
from mixillo.ops import metrics
from mixillo.ops.alerts import delivery, notices, rules, states, stored
from mixillo.ops.alerts.measurements import Reading
from mixillo.ops.alerts.outage import Outage
from mixillo.ops.alerts.rules import Rule
from mixillo.ops.alerts.states import FIRING, Alert

log = structlog.get_logger(__name__)
LOCKS, CLAIM = "locks", "alerts-evaluated"
BETWEEN_EVALUATIONS = timedelta(seconds=60)
ATTEMPTS = 5
Result = TypeVar("Result")

SWITCHED_OFF = Reading(None, 0, "switched off")

alert_changed = Signal("An alert has changed its state, was silenced or acknowledged: send(rule_id, state=str).")
_outage = Outage()


@dataclass(frozen=True)
class Outcome:
    """What came of an evaluation: all alerts, the names of those that changed, and what was sent."""

    alerts: tuple[Alert, ...]
    changed: tuple[str, ...]
    deliveries: tuple[delivery.Delivery, ...]

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that fire and are not silenced."""
        now = clock.now()
        return tuple(a for a in self.alerts if a.state == FIRING and not a.is_silenced(now))


def init_app(app: Flask, settings: Settings) -> None:
    """Evaluate the rules once a minute after a flush of the metrics of ``app``, which comes before."""
    metrics.flusher_of(app).afterwards.append(lambda: maybe_evaluate(ops_database(), settings))


def maybe_evaluate(ops: Database, settings: Settings) -> None:
    """Evaluate and deliver unless some instance did within the last minute; for the flush of metrics. Never raises.

    A database that cannot be reached is told of too, by what this process alone remembers.
    """
    try:
        if _claim(ops, clock.now()):
            evaluate(ops, settings)
        elif _outage.is_open:
            ops.command("ping")
    except PyMongoError as error:
        log.warning("alerts_not_evaluated", error=type(error).__name__)
        _outage.failed(clock.now(), settings)
    except Exception as error:
        log.exception("alerts_failed", exc_info=error)
    else:
        _outage.recovered(ops, clock.now(), settings)


def evaluate(ops: Database, settings: Settings, *, now: datetime | None = None) -> Outcome:
    """Read every rule's figure, move the alerts on, and deliver what is due.

    Several processes may do so at once: each change happens once and is told once.

    :raises PyMongoError: the database is not there.
    """
    moment = now or clock.now()
    known = rules.effective(ops)
    readings = {rule.id: _read(rule, ops, moment) for rule in known if rule.enabled}
    step = _Step(known, readings, moment, settings)
    before, alerts = _transact(ops, lambda session: step.take(ops, session))
    changed = [alert for was, alert in zip(before, alerts, strict=True) if was.state != alert.state]
    for alert in changed:
        alert_changed.send(alert.rule_id, state=alert.state)
    names = tuple(alert.rule_id for alert in changed)
    return Outcome(tuple(alerts), names, tuple(delivery.deliver(ops, settings.alert_urls)))


def _read(rule: Rule, ops: Database, now: datetime) -> Reading:
    """Read one figure; one rule that cannot be read must not silence the others."""
    try:
        return rule.measure(ops, now)
    except PyMongoError:
        raise
    except Exception as error:
        log.exception("rule_not_measured", rule=rule.id, exc_info=error)
        return Reading(None, 0, f"it cannot be measured ({type(error).__name__})")


@dataclass(frozen=True)
class _Step:
    """One pass over all rules at one moment: what to write, and what becomes of the alerts."""

    known: list[Rule]
    readings: dict[str, Reading]
    now: datetime
    settings: Settings

    def take(self, ops: Database, session: ClientSession) -> tuple[list[Alert], list[Alert]]:
        """Write the new states, the history and the notices together; return the alerts before and after."""
        documents = {document["_id"]: document for document in ops[stored.ALERTS].find({}, session=session)}
        before = [stored.load(documents[r.id]) if r.id in documents else Alert(r.id) for r in self.known]
        events, deliveries, after = [], [], []
        for rule, known in zip(self.known, before, strict=True):
            alert = states.advance(known, rule, self.readings.get(rule.id, SWITCHED_OFF), self.now)
            if alert.state != known.state:
                events.append(stored.event(alert, "changed", self.now, before=known.state))
            alert, queued = self._told(alert, rule)
            deliveries += queued
            after.append(alert)
        writes = [ReplaceOne({"_id": alert.rule_id}, stored.dump(alert), upsert=True) for alert in after]
        ops[stored.ALERTS].bulk_write(writes, session=session)
        for collection, added in ((stored.EVENTS, events), (delivery.COLLECTION, deliveries)):
            if added:
                ops[collection].insert_many(added, session=session)
        return before, after

    def _told(self, alert: Alert, rule: Rule) -> tuple[Alert, list[delivery.Delivery]]:
        kind = states.notice(alert, rule, self.now)
        if kind is None:
            return alert, []
        notice = notices.compose(alert, rule, kind, self.now, self.settings.base_url)
        return states.told(alert, kind, self.now), delivery.queued(notice, self.settings.alert_urls)


def _claim(ops: Database, now: datetime) -> bool:
    """Take the minute for this process, unless another one has it."""
    stale = {"_id": CLAIM, "evaluatedAt": {"$lte": now - BETWEEN_EVALUATIONS}}
    try:
        ops[LOCKS].update_one(stale, {"$set": {"evaluatedAt": now}}, upsert=True)
    except DuplicateKeyError:
        return False
    return True


def _transact(ops: Database, work: Callable[[ClientSession], Result]) -> Result:
    """Run ``work`` in a transaction; two that store the first alerts at once: one of them starts over."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with ops.client.start_session() as session:
                return session.with_transaction(
                    work, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")
                )
        except (BulkWriteError, DuplicateKeyError):
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")
