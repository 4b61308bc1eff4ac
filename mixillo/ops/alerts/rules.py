"""The rules: data, each with a measure; what of them an operator may change is kept in ``alertrules``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.errors import NotFound, ValidationFailed
from mixillo.ops.alerts import measurements
from mixillo.ops.alerts.measurements import Measure
from mixillo.ops.metrics.groups import TARGETED

COLLECTION = "alertrules"
PAGE, TICKET = "page", "ticket"
SHARE, MILLISECONDS, HOURS, COUNT = "share", "ms", "hours", "count"
# Away from the threshold by this factor before an alert may end, so that a figure that dances on it does not flap.
CLEAR_FACTOR = 0.8
# Of what operators set: beyond it nothing ever fires.
HIGHEST = 1_000_000_000


@dataclass(frozen=True)
class Rule:
    """One rule: bad is what lies above ``threshold``, which has the unit of the measure.

    Below ``minimum_sample`` nothing is said. It fires when it has been bad for ``hold`` and in ``evaluations``
    evaluations in a row, and ends when as many were clear. ``action`` is what to do first.
    """

    id: str
    title: str
    severity: str
    unit: str
    threshold: float
    minimum_sample: int
    measure: Measure
    action: str
    hold: timedelta = timedelta(0)
    evaluations: int = 2
    enabled: bool = True

    @property
    def clear_at(self) -> float:
        """The value from which on downwards things count as good again."""
        return self.threshold * CLEAR_FACTOR


class RuleNotFound(NotFound):
    """There is no rule with this name."""

    code, title = "rule_not_found", "There is no such rule"


def _latency(name: str, title: str, target: int) -> Rule:
    return Rule(
        id=f"latency-{name}",
        title=f"{title}: p95 over its target",
        severity=TICKET,
        unit=MILLISECONDS,
        threshold=float(target),
        minimum_sample=30,
        measure=measurements.p95(name),
        hold=timedelta(minutes=5),
        action="Look at the slow requests of the group on the Endpoints page, and at slow queries on Database.",
    )


RULES = (
    Rule(
        id="errors-fast",
        title="Many requests fail now",
        severity=PAGE,
        unit=SHARE,
        threshold=0.10,
        minimum_sample=20,
        measure=measurements.error_rate(timedelta(minutes=5), timedelta(hours=1)),
        action="Look at the failing routes on the Endpoints page; if a revision did it, go back to the one before.",
    ),
    Rule(
        id="errors-slow",
        title="Too many requests have failed for hours",
        severity=TICKET,
        unit=SHARE,
        threshold=0.04,
        minimum_sample=50,
        measure=measurements.error_rate(timedelta(minutes=30), timedelta(hours=6)),
        action="Look at the failing routes on the Endpoints page.",
    ),
    *(_latency(group.name, group.title, group.target) for group in TARGETED if group.target),
    Rule(
        id="probes-failing",
        title="Endpoints do not do what they promise",
        severity=TICKET,
        unit=SHARE,
        threshold=0.0,
        minimum_sample=1,
        measure=measurements.probes_failing,
        evaluations=1,
        action="See which on the Probes page, or run mixillo probe.",
    ),
    Rule(
        id="integrity-growing",
        title="More references lead nowhere than before",
        severity=TICKET,
        unit=COUNT,
        threshold=0.0,
        minimum_sample=2,
        measure=measurements.integrity_growth,
        evaluations=1,
        action="See which on the Integrity page, and plan a repair: mixillo integrity plan.",
    ),
    Rule(
        id="backup-stale",
        title="There is no fresh backup",
        severity=PAGE,
        unit=HOURS,
        threshold=26.0,
        minimum_sample=1,
        measure=measurements.backup_age,
        evaluations=1,
        action="Make one, mixillo backup create, and see why the scheduled one did not come.",
    ),
    Rule(
        id="backup-unverified",
        title="No backup has been restored lately",
        severity=TICKET,
        unit=HOURS,
        threshold=8 * 24.0,
        minimum_sample=1,
        measure=measurements.backup_unverified,
        evaluations=1,
        action="Verify one: mixillo backup verify.",
    ),
    Rule(
        id="backup-damaged",
        title="A backup did not restore",
        severity=PAGE,
        unit=COUNT,
        threshold=0.0,
        minimum_sample=1,
        measure=measurements.backups_damaged,
        evaluations=1,
        action="Make another one and verify it: mixillo backup create, mixillo backup verify.",
    ),
    Rule(
        id="money-drifting",
        title="Wallets are not what the ledger says",
        severity=PAGE,
        unit=COUNT,
        threshold=0.0,
        minimum_sample=1,
        measure=measurements.money_faults,
        evaluations=1,
        action="See which on the Money page, or run mixillo money reconcile; freeze what is concerned.",
    ),
    Rule(
        id="sockets-late",
        title="Live events reach people late",
        severity=TICKET,
        unit=MILLISECONDS,
        threshold=1_000.0,
        minimum_sample=30,
        measure=measurements.sockets_late,
        hold=timedelta(minutes=5),
        action="Look at CPU on the Infrastructure page and at slow queries on Database; see whether Redis answers.",
    ),
    Rule(
        id="sockets-full",
        title="An instance takes few more sockets",
        severity=PAGE,
        unit=SHARE,
        threshold=0.80,
        minimum_sample=1,
        measure=measurements.sockets_full,
        action="Start another instance; the Live page shows how many sockets each one has.",
    ),
    Rule(
        id="sockets-cut",
        title="Many sockets are cut for sending too much",
        severity=TICKET,
        unit=COUNT,
        threshold=20.0,
        minimum_sample=30,
        measure=measurements.sockets_cut,
        action="A client may have lost its mind: look for socket:cut in what its version does after a reconnect.",
    ),
    Rule(
        id="database-unreachable",
        title="The database cannot be reached",
        severity=PAGE,
        unit=COUNT,
        threshold=0.0,
        minimum_sample=1,
        measure=measurements.database_unreachable,
        action="See whether MongoDB runs and MONGODB_URI is right: mixillo db stats.",
    ),
)
BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in RULES}


def effective(ops: Database) -> list[Rule]:
    """Return all rules with what operators have changed of them."""
    changes = {document["_id"]: document for document in ops[COLLECTION].find()}
    return [_changed(rule, changes.get(rule.id, {})) for rule in RULES]


def named(rule_id: str) -> Rule:
    """Return a rule as it is in the code.

    :raises RuleNotFound: there is none.
    """
    if rule_id not in BY_ID:
        raise RuleNotFound(f"There is no rule {rule_id}; there are {', '.join(BY_ID)}.")
    return BY_ID[rule_id]


def override(
    ops: Database,
    rule_id: str,
    *,
    actor: dict[str, Any],
    threshold: float | None = None,
    minimum_sample: int | None = None,
    enabled: bool = True,
) -> None:
    """Change a rule: what is ``None`` is as in the code again.

    :raises RuleNotFound: there is none.
    :raises ValidationFailed: a threshold below 0 or that cannot be passed, or a minimum sample below 1.
    """
    highest = 1.0 if named(rule_id).unit == SHARE else HIGHEST
    if threshold is not None and not 0 <= threshold <= highest:
        raise ValidationFailed.of("threshold", f"Must be from 0 to {'100 %' if highest == 1 else f'{HIGHEST:,}'}.")
    if minimum_sample is not None and not 1 <= minimum_sample <= HIGHEST:
        raise ValidationFailed.of("minimumSample", f"Must be from 1 to {HIGHEST:,}.")
    change = {
        "threshold": threshold,
        "minimumSample": minimum_sample,
        "enabled": enabled,
        "changedBy": actor,
        "changedAt": clock.now(),
    }
    ops[COLLECTION].replace_one({"_id": rule_id}, change, upsert=True)


def _changed(rule: Rule, change: Mapping[str, Any]) -> Rule:
    threshold, sample = change.get("threshold"), change.get("minimumSample")
    return replace(
        rule,
        threshold=rule.threshold if threshold is None else threshold,
        minimum_sample=rule.minimum_sample if sample is None else sample,
        enabled=change.get("enabled", True),
    )
