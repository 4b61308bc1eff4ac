"""What a run of the probes found: run → modules → endpoints → cases, and how they add up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mixillo.core import clock

PASS, FAIL, DEGRADED, BLOCKED, SKIPPED = "pass", "fail", "degraded", "blocked", "skipped"
STATES = (PASS, FAIL, DEGRADED, BLOCKED, SKIPPED)


@dataclass(frozen=True)
class Case:
    """One request and its verdict.

    ``expected`` is in words ("401", "200 or 201"); ``actual`` is the status, what a socket did in words, or ``None``
    when there was no answer.
    ``ms`` runs from the sent request to the last byte; ``target_ms`` is what the endpoint's group aims for.
    ``detail`` says why the state is not ``pass``. ``proves`` marks a case that expects a success: without one
    that passed, its endpoint has not been seen to work.
    """

    name: str
    state: str
    expected: str = ""
    actual: int | str | None = None
    ms: float | None = None
    target_ms: int | None = None
    detail: str = ""
    request_id: str | None = None
    url: str = ""
    proves: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the case as history and ``--json`` hold it."""
        return {
            "name": self.name,
            "state": self.state,
            "expected": self.expected,
            "actual": self.actual,
            "ms": self.ms,
            "targetMs": self.target_ms,
            "detail": self.detail,
            "requestId": self.request_id,
            "url": self.url,
        }


@dataclass
class Endpoint:
    """One operation (``GET /api/users/{id}``) or scenario with its cases."""

    name: str
    summary: str = ""
    cases: list[Case] = field(default_factory=list)

    @property
    def state(self) -> str:
        """The verdict on the endpoint, as the package's docstring defines it."""
        states = {case.state for case in self.cases}
        if FAIL in states:
            return FAIL
        proofs = {case.state for case in self.cases if case.proves}
        if not proofs & {PASS, DEGRADED}:
            return SKIPPED if SKIPPED in states else BLOCKED
        return DEGRADED if DEGRADED in states else PASS

    def as_dict(self) -> dict[str, Any]:
        """Return the endpoint with its cases."""
        return self.summarised() | {"cases": [case.as_dict() for case in self.cases]}

    def summarised(self) -> dict[str, Any]:
        """Return the endpoint with the counts of its cases only."""
        totals = count(case.state for case in self.cases)
        return {"name": self.name, "summary": self.summary, "state": self.state, "cases": totals}


@dataclass
class Module:
    """The endpoints of one tag."""

    name: str
    endpoints: list[Endpoint] = field(default_factory=list)

    def as_dict(self, *, cases: bool = True) -> dict[str, Any]:
        """Return the module; without ``cases`` its endpoints carry counts only."""
        return {
            "name": self.name,
            **tally(self.endpoints),
            "endpoints": [e.as_dict() if cases else e.summarised() for e in self.endpoints],
        }


@dataclass
class ProbeRun:
    """One run: where, when, of which revision, and what it found.

    ``module`` names the only module that was asked for, if any. ``notes`` are for the operator: what was not
    possible and what was left behind.
    """

    base_url: str
    started_at: datetime
    module: str | None = None
    finished_at: datetime | None = None
    environment: str = "unknown"
    version: str = "unknown"
    revision: str = "unknown"
    unsafe: bool = False
    modules: list[Module] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def endpoints(self) -> list[Endpoint]:
        """Every endpoint of every module."""
        return [endpoint for module in self.modules for endpoint in module.endpoints]

    @property
    def rate(self) -> float | None:
        """Percent of the endpoints that pass, two decimals; ``None`` when none could be judged."""
        found: float | None = tally(self.endpoints)["rate"]
        return found

    def as_dict(self, *, cases: bool = True) -> dict[str, Any]:
        """Return the run in the form of ``--json``; without ``cases`` in that of the history's summary."""
        return {
            "baseUrl": self.base_url,
            "startedAt": clock.timestamp(self.started_at),
            "finishedAt": clock.timestamp(self.finished_at) if self.finished_at else None,
            "module": self.module,
            "environment": self.environment,
            "version": self.version,
            "revision": self.revision,
            "unsafe": self.unsafe,
            "notes": self.notes,
            **tally(self.endpoints),
            "modules": [module.as_dict(cases=cases) for module in self.modules],
        }


def count(states: Iterable[str]) -> dict[str, int]:
    """Return how often each state occurs, those that do not occur included."""
    counted = Counter(states)
    return {state: counted[state] for state in STATES}


def tally(endpoints: list[Endpoint]) -> dict[str, Any]:
    """Return how ``endpoints`` add up.

    ``totals`` and ``caseTotals`` count states; ``passing`` of ``judged`` endpoints give the ``rate`` in percent
    (``None`` when nothing was judged).
    """
    totals = count(endpoint.state for endpoint in endpoints)
    passing = totals[PASS] + totals[DEGRADED]
    judged = passing + totals[FAIL]
    return {
        "totals": totals,
        "caseTotals": count(case.state for endpoint in endpoints for case in endpoint.cases),
        "passing": passing,
        "judged": judged,
        "rate": round(100 * passing / judged, 2) if judged else None,
    }
