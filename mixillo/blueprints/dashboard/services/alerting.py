"""What operators do with alerts, each with its line in the audit log: the state before and after."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from mixillo.blueprints.dashboard.services.operators import Operator
from mixillo.config import Settings
from mixillo.core import audit_log, clock
from mixillo.errors import ValidationFailed
from mixillo.ops import alerts
from mixillo.ops.alerts import delivery, rules

# What the form offers.
LENGTHS = {
    "30m": ("30 minutes", timedelta(minutes=30)),
    "1h": ("1 hour", timedelta(hours=1)),
    "4h": ("4 hours", timedelta(hours=4)),
    "24h": ("a day", timedelta(days=1)),
    "7d": ("a week", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
}
KEPT = ("state", "behind", "silence", "acknowledgement")
CHANGEABLE = ("threshold", "minimumSample", "enabled")
# People state shares as percentages.
FORM_UNITS = {rules.SHARE: ("%", 100), rules.MILLISECONDS: ("ms", 1), rules.HOURS: ("hours", 1), rules.COUNT: ("", 1)}
Act = Callable[[], Any]


def acknowledge(ops: Database, operator: Operator, rule_id: str, note: str) -> str:
    """Note that ``operator`` looks after an alert, and return a sentence about it.

    :raises RuleNotFound: there is no such rule.
    :raises NotFiring: it does not fire.
    """
    with _audited(ops, "alert.acknowledged", operator, rule_id):
        alerts.acknowledge(ops, rule_id, actor=operator.actor, note=note)
    return f"You look after {rule_id}: no more reminders until it is over."


def silence(ops: Database, operator: Operator, rule_id: str, length: str, reason: str) -> str:
    """Silence a rule for a ``length`` out of ``LENGTHS``, and return a sentence about it.

    :raises RuleNotFound: there is no such rule.
    :raises ValidationFailed: the length is not one that is offered, or there is no reason.
    """
    if length not in LENGTHS:
        raise ValidationFailed.of("for", f"Must be one of {', '.join(LENGTHS)}.")
    with _audited(ops, "alert.silenced", operator, rule_id):
        until = alerts.silence(ops, rule_id, length=LENGTHS[length][1], actor=operator.actor, reason=reason)
    return f"Nobody is told of {rule_id} until {until:%-d %b %H:%M} UTC; it is still evaluated."


def unsilence(ops: Database, operator: Operator, rule_id: str) -> str:
    """End a silence, and return a sentence about it.

    :raises RuleNotFound: there is no such rule.
    """
    with _audited(ops, "alert.unsilenced", operator, rule_id):
        alerts.unsilence(ops, rule_id, actor=operator.actor)
    return f"People are told of {rule_id} again."


def change(ops: Database, operator: Operator, rule_id: str, *, threshold: str, sample: str, enabled: bool) -> str:
    """Change what a rule fires at and whether it is looked at; what is empty is as delivered again.

    ``threshold`` is in the unit of the form (``FORM_UNITS``). Returns a sentence about it.

    :raises RuleNotFound: there is no such rule.
    :raises ValidationFailed: one of the two is no number, or too small or too large.
    """
    _, factor = FORM_UNITS[rules.named(rule_id).unit]
    limit, least = _number("threshold", threshold), _number("minimumSample", sample)
    if least is not None and not least.is_integer():
        raise ValidationFailed.of("minimumSample", "Must be a whole number.")
    with _audited(ops, "alert.rule_changed", operator, rule_id, CHANGEABLE):
        alerts.override(
            ops,
            rule_id,
            actor=operator.actor,
            threshold=None if limit is None else limit / factor,
            minimum_sample=None if least is None else int(least),
            enabled=enabled,
        )
    return f"{rule_id} is changed, from its next evaluation on."


def reset(ops: Database, operator: Operator, rule_id: str) -> str:
    """Make a rule as it was delivered, and return a sentence about it.

    :raises RuleNotFound: there is no such rule.
    """
    with _audited(ops, "alert.rule_reset", operator, rule_id, CHANGEABLE):
        alerts.override(ops, rule_id, actor=operator.actor)
    return f"{rule_id} is as delivered, from its next evaluation on."


def in_form(value: float, unit: str) -> str:
    """Return a threshold as the form shows it: in the unit of the form, without the digits of a division."""
    return f"{value * FORM_UNITS[unit][1]:.10g}"


def test(ops: Database, operator: Operator, settings: Settings) -> tuple[bool, str]:
    """Send a test to every address; return whether all took it, and a sentence about it.

    :raises Conflict: there are no addresses.
    """
    sent = alerts.test(ops, settings)
    failed = [entry for entry in sent if entry["state"] != delivery.SENT]
    audit_log.record("alert.tested", actor=operator.actor, target="alerts", result="failed" if failed else "ok")
    if failed:
        reasons = "; ".join(f"{entry['target']}: {entry['error']}" for entry in failed)
        return False, f"{len(failed)} of {len(sent)} addresses did not take the test. {reasons}"
    return True, f"The test arrived at {len(sent)} of {len(sent)} addresses."


def _number(field: str, text: str) -> float | None:
    if not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        raise ValidationFailed.of(field, "Must be a number.") from None
    if not math.isfinite(number):
        raise ValidationFailed.of(field, "Must be a number.")
    return number


@contextmanager
def _audited(
    ops: Database, action: str, operator: Operator, rule_id: str, fields: tuple[str, ...] = KEPT
) -> Iterator[None]:
    """Record what was done, if nothing was raised."""
    before = _standing(ops, rule_id, fields)
    yield
    changes = {"before": before, "after": _standing(ops, rule_id, fields), "at": clock.now()}
    audit_log.record(action, actor=operator.actor, target="alerts", target_id=rule_id, changes=changes)


def _standing(ops: Database, rule_id: str, fields: tuple[str, ...]) -> dict[str, Any] | None:
    found = next((row for row in alerts.overview(ops) if row["rule"] == rule_id), None)
    return {name: found[name] for name in fields} if found else None
