"""What people do with alerts: silence, acknowledge, test. Each leaves an entry in the history."""

from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.errors import Conflict, ValidationFailed
from mixillo.ops.alerts import delivery, notices, stored
from mixillo.ops.alerts.evaluation import alert_changed
from mixillo.ops.alerts.rules import named
from mixillo.ops.alerts.states import FIRING, Alert

LONGEST_SILENCE = timedelta(days=30)
LONGEST_REASON = 500


class NotFiring(Conflict):
    """Only what fires can be acknowledged."""

    code, title = "alert_not_firing", "The alert does not fire"


def silence(ops: Database, rule_id: str, *, length: timedelta, actor: dict[str, Any], reason: str) -> datetime:
    """Tell nobody of a rule for ``length``, and return when that ends; a later call replaces an earlier one.

    :raises RuleNotFound: there is no such rule.
    :raises ValidationFailed: too long, not positive, or without a reason.
    """
    if not timedelta(0) < length <= LONGEST_SILENCE:
        raise ValidationFailed.of("for", f"Must be more than nothing and at most {LONGEST_SILENCE.days} days.")
    now = clock.now()
    until = now + length
    _set(ops, rule_id, "silence", {"until": until, "at": now, "by": actor, "reason": _reason(reason)})
    _leave_word(ops, rule_id, "silenced", actor, f"until {clock.timestamp(until)}: {reason.strip()}")
    return until


def unsilence(ops: Database, rule_id: str, *, actor: dict[str, Any]) -> None:
    """End a silence before its time.

    :raises RuleNotFound: there is no such rule.
    """
    _set(ops, rule_id, "silence", None)
    _leave_word(ops, rule_id, "unsilenced", actor, "")


def acknowledge(ops: Database, rule_id: str, *, actor: dict[str, Any], note: str = "") -> None:
    """Note that somebody looks after an alert that fires: no more reminders until it is over.

    :raises RuleNotFound: there is no such rule.
    :raises NotFiring: it does not fire.
    """
    named(rule_id)
    firing = {"_id": rule_id, "state": FIRING}
    seen = {"acknowledgement": {"at": clock.now(), "by": actor, "note": note.strip()[:LONGEST_REASON]}}
    if not ops[stored.ALERTS].update_one(firing, {"$set": seen}).matched_count:
        raise NotFiring(f"{rule_id} does not fire now.")
    _leave_word(ops, rule_id, "acknowledged", actor, note.strip())


def test(ops: Database, settings: Settings) -> list[delivery.Delivery]:
    """Send a test notice to every address now, and return what came of it.

    :raises Conflict: there are no addresses.
    """
    if not settings.alert_urls:
        raise Conflict("Nobody is told of alerts: ALERT_URLS is not set.")
    waiting = delivery.queued(notices.trial(clock.now(), settings.base_url), settings.alert_urls)
    ops[delivery.COLLECTION].insert_many(waiting)
    delivery.deliver(ops, settings.alert_urls)
    ids = [document["_id"] for document in waiting]
    return list(ops[delivery.COLLECTION].find({"_id": {"$in": ids}}))


def _set(ops: Database, rule_id: str, field: str, value: Any) -> None:
    named(rule_id)
    fresh = {name: found for name, found in stored.dump(Alert(rule_id)).items() if name not in ("_id", field)}
    ops[stored.ALERTS].update_one({"_id": rule_id}, {"$set": {field: value}, "$setOnInsert": fresh}, upsert=True)


def _leave_word(ops: Database, rule_id: str, kind: str, actor: dict[str, Any], note: str) -> None:
    alert = stored.find(ops, rule_id)
    ops[stored.EVENTS].insert_one(stored.event(alert, kind, clock.now(), before=alert.state, actor=actor, note=note))
    alert_changed.send(rule_id, state=alert.shown(clock.now()))


def _reason(text: str) -> str:
    if not 0 < len(text.strip()) <= LONGEST_REASON:
        raise ValidationFailed.of("reason", f"Must have 1 to {LONGEST_REASON} characters.")
    return text.strip()
