"""How an alert moves from state to state: a pure function of what it was, what was read, and the time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from mixillo.ops.alerts.measurements import Reading
from mixillo.ops.alerts.rules import Rule

OK, PENDING, FIRING, RESOLVED, INSUFFICIENT, OFF = "ok", "pending", "firing", "resolved", "insufficient data", "off"
SILENCED, ACKNOWLEDGED = "silenced", "acknowledged"
REMINDER = "reminder"
# Evaluations that follow each other more closely are one: instances and commands may all evaluate.
STEP = timedelta(seconds=30)
RESOLVED_IS_SHOWN_FOR = timedelta(hours=1)
BETWEEN_NOTICES = timedelta(minutes=15)
# A page that nobody has acknowledged is told again.
BETWEEN_REMINDERS = timedelta(hours=4)


@dataclass(frozen=True)
class Alert:
    """What is known of one rule; stored in ``alerts`` under the rule's name.

    ``streak`` counts evaluations in a row that were bad (positive) or clear (negative). ``opened_at`` is set from
    firing to resolved, also while there is too little data to tell. ``told`` is the state that people were last
    told of, at ``told_at``.
    """

    rule_id: str
    state: str = OK
    since: datetime | None = None
    value: float | None = None
    sample: int = 0
    detail: str = ""
    threshold: float = 0.0
    streak: int = 0
    stepped_at: datetime | None = None
    bad_since: datetime | None = None
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    told: str | None = None
    told_at: datetime | None = None
    evaluated_at: datetime | None = None
    silence: dict[str, Any] | None = None
    acknowledgement: dict[str, Any] | None = None

    def shown(self, now: datetime) -> str:
        """The state that people see: a silence or an acknowledgement hides what is behind it."""
        if self.is_silenced(now):
            return SILENCED
        return ACKNOWLEDGED if self.state == FIRING and self.acknowledgement else self.state

    def is_silenced(self, now: datetime) -> bool:
        """Whether somebody has silenced it, and that has not expired."""
        return self.silence is not None and self.silence["until"] > now


def advance(before: Alert, rule: Rule, reading: Reading, now: datetime) -> Alert:
    """Return what the alert is after ``reading``. Repeated within ``STEP`` it changes nothing but the figures."""
    alert = replace(
        before,
        value=reading.value,
        sample=reading.sample,
        detail=reading.detail,
        threshold=rule.threshold,
        evaluated_at=now,
        since=before.since or now,
    )
    if not rule.enabled:
        return _entered(replace(alert, streak=0, opened_at=None, bad_since=None), OFF, now)
    if reading.value is None or reading.sample < rule.minimum_sample:
        # Silence is not health: what was open stays open, and nobody is told that it is over.
        return _entered(replace(alert, streak=0, bad_since=None), INSUFFICIENT, now)
    if before.stepped_at and now - before.stepped_at < STEP and before.state not in (INSUFFICIENT, OFF):
        return alert
    return _judged(replace(alert, stepped_at=now), rule, reading.value, now)


def _judged(alert: Alert, rule: Rule, value: float, now: datetime) -> Alert:
    if value > rule.threshold:
        return _bad(alert, rule, now)
    if value <= rule.clear_at:
        return _clear(alert, rule, now)
    # Between the two nothing is decided: a pending alert falls back, an open one stays.
    return _entered(replace(alert, streak=0), FIRING if alert.opened_at else _calm(alert, now), now)


def _bad(alert: Alert, rule: Rule, now: datetime) -> Alert:
    streak = max(alert.streak, 0) + 1
    alert = replace(alert, streak=streak, bad_since=alert.bad_since or now)
    if alert.opened_at:
        return _entered(alert, FIRING, now)
    assert alert.bad_since is not None
    if streak >= rule.evaluations and now - alert.bad_since >= rule.hold:
        return _entered(replace(alert, opened_at=now, acknowledgement=None), FIRING, now)
    return _entered(alert, PENDING, now)


def _clear(alert: Alert, rule: Rule, now: datetime) -> Alert:
    streak = min(alert.streak, 0) - 1
    alert = replace(alert, streak=streak, bad_since=None)
    if not alert.opened_at:
        return _entered(alert, _calm(alert, now), now)
    if -streak >= rule.evaluations:
        return _entered(replace(alert, opened_at=None, resolved_at=now, acknowledgement=None), RESOLVED, now)
    return _entered(alert, FIRING, now)


def _calm(alert: Alert, now: datetime) -> str:
    """Return ``resolved`` for a while after an alert has ended, and then ``ok``."""
    recently = alert.resolved_at is not None and now - alert.resolved_at < RESOLVED_IS_SHOWN_FOR
    return RESOLVED if recently else OK


def _entered(alert: Alert, state: str, now: datetime) -> Alert:
    return alert if alert.state == state else replace(alert, state=state, since=now)


def notice(alert: Alert, rule: Rule, now: datetime) -> str | None:
    """Return what people have to be told now, ``firing``, ``resolved`` or ``reminder``, or ``None``.

    At most once in ``BETWEEN_NOTICES``; what has changed back by then is not told at all.
    """
    if alert.is_silenced(now) or (alert.told_at and now - alert.told_at < BETWEEN_NOTICES):
        return None
    if alert.state == FIRING:
        return _while_firing(alert, rule, now)
    # It ended on good figures, although there may be too few of them by the time people may be told.
    is_over = alert.opened_at is None and alert.state in (OK, RESOLVED, INSUFFICIENT)
    return RESOLVED if is_over and alert.told == FIRING else None


def _while_firing(alert: Alert, rule: Rule, now: datetime) -> str | None:
    if alert.told != FIRING:
        return FIRING
    is_due = alert.told_at is not None and now - alert.told_at >= BETWEEN_REMINDERS
    return REMINDER if is_due and rule.severity == "page" and not alert.acknowledgement else None


def told(alert: Alert, kind: str, now: datetime) -> Alert:
    """Return the alert after people were told."""
    return replace(alert, told=RESOLVED if kind == RESOLVED else FIRING, told_at=now)
