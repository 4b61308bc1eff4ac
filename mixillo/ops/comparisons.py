"""Did a revision make things better or worse: the same figures over equal windows before and after it.

After is what the revision itself answered since it was first seen, before is what other revisions answered in the
same length of time until then. A side with too few requests or probes says nothing, and so does the comparison.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.metrics.figures import Figures
from mixillo.ops.metrics.levels import ALL, Window
from mixillo.ops.metrics.queries import over
from mixillo.ops.revisions.records import COLLECTION

PROBE_RUNS = "proberuns"
MINIMUM_REQUESTS = 100
MINIMUM_PROBES = 10
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=7)
BETTER, WORSE, SAME, INSUFFICIENT = "better", "worse", "same", "insufficient data"
# Changes smaller than this are called the same: half a percentage point, a tenth of the latency.
SHARE_TOLERANCE, LATENCY_TOLERANCE = 0.005, 0.10


@dataclass(frozen=True)
class Change:
    """One figure before and after: its values, from how many samples, and what to make of it.

    ``errorRate`` and ``passRate`` are shares from 0 to 1, ``p95Ms`` is in ms; a value is ``None`` without samples.
    """

    before: float | None
    after: float | None
    before_samples: int
    after_samples: int
    verdict: str

    def as_dict(self) -> dict[str, Any]:
        """Return the fields under the names that ``--json`` and CSV use."""
        return {
            "before": self.before,
            "after": self.after,
            "beforeSamples": self.before_samples,
            "afterSamples": self.after_samples,
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Comparison:
    """A revision against what ran before it, over ``length`` on either side of ``at``."""

    revision: str
    at: datetime
    length: timedelta
    error_rate: Change
    p95: Change
    pass_rate: Change

    def as_dict(self) -> dict[str, Any]:
        """Return the fields under the names that ``--json`` and CSV use."""
        return {
            "revision": self.revision,
            "at": self.at,
            "minutes": self.length // timedelta(minutes=1),
            "errorRate": self.error_rate.as_dict(),
            "p95Ms": self.p95.as_dict(),
            "passRate": self.pass_rate.as_dict(),
        }


def compare(ops: Database, revision: str, *, now: datetime | None = None) -> Comparison | None:
    """Return the comparison of ``revision``, ``None`` when it was never seen.

    The windows are as long as the revision has been there, at most seven days.
    """
    entry = ops[COLLECTION].find_one({"_id": revision}, {"firstSeenAt": 1})
    if entry is None:
        return None
    at = entry["firstSeenAt"]
    length = min(max((now or clock.now()) - at, SHORTEST), LONGEST)
    before = over(ops, Window(at - length, at + timedelta(minutes=1)), ALL, {"revision": {"$ne": revision}})
    after = over(ops, Window(at, at + length), ALL, {"revision": revision})
    return Comparison(
        revision,
        at,
        length,
        _change(*_error_rate(before), *_error_rate(after), MINIMUM_REQUESTS, SHARE_TOLERANCE, less_is_better=True),
        _latency_change(before, after),
        _change(
            *_pass_rate(ops, {"startedAt": {"$gte": at - length, "$lt": at}, "revision": {"$ne": revision}}),
            *_pass_rate(ops, {"startedAt": {"$gte": at, "$lt": at + length}, "revision": revision}),
            MINIMUM_PROBES,
            SHARE_TOLERANCE,
            less_is_better=False,
        ),
    )


def _latency_change(before: Figures, after: Figures) -> Change:
    tolerance = LATENCY_TOLERANCE * (before.p95 or 0.0)
    return _change(
        before.p95, before.requests, after.p95, after.requests, MINIMUM_REQUESTS, tolerance, less_is_better=True
    )


def _change(
    before: float | None,
    before_samples: int,
    after: float | None,
    after_samples: int,
    minimum: int,
    tolerance: float,
    *,
    less_is_better: bool,
) -> Change:
    verdict = INSUFFICIENT
    if before is not None and after is not None and min(before_samples, after_samples) >= minimum:
        gain = before - after if less_is_better else after - before
        verdict = SAME if abs(gain) <= tolerance else BETTER if gain > 0 else WORSE
    return Change(before, after, before_samples, after_samples, verdict)


def _error_rate(figures: Figures) -> tuple[float | None, int]:
    return figures.error_rate, figures.requests


def _pass_rate(ops: Database, where: dict[str, Any]) -> tuple[float | None, int]:
    """Return the share of the judged endpoints that passed in the latest run of everything, and how many those are."""
    whole = where | {"module": None}
    run = ops[PROBE_RUNS].find_one(whole, {"passing": 1, "judged": 1}, sort=[("startedAt", -1)])
    if run is None or not run["judged"]:
        return None, 0
    return run["passing"] / run["judged"], run["judged"]
