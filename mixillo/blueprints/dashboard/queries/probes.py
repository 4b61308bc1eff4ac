"""The Probes page: a run with its modules, endpoints and cases, and the runs before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from mixillo.blueprints.dashboard.charts import Chart, chart
from mixillo.ops.probes import history
from mixillo.ops.probes.history import Stored
from mixillo.ops.probes.model import FAIL, STATES

ALL = "all"
# Endpoints whose cases are on one page.
PAGE = 20
RUNS_SHOWN = 30


@dataclass(frozen=True)
class Chosen:
    """What the URL asks for: the endpoints of a ``module`` (of all if empty) in a ``state`` (or ``all``)."""

    module: str
    state: str
    page: int

    @classmethod
    def of(cls, run: Stored, parameters: Mapping[str, str]) -> "Chosen":
        """Return what ``parameters`` ask for; unless they say, what fails, and in a module everything."""
        modules = {module["name"] for module in run["modules"]}
        module = parameters.get("module", "")
        module = module if module in modules else ""
        usual = FAIL if run["totals"][FAIL] and not module else ALL
        state = parameters.get("state", usual)
        page = parameters.get("page", "1")
        return cls(module, state if state in (*STATES, ALL) else usual, int(page) if page.isdecimal() else 1)

    def wants(self, module: str, endpoint: Stored) -> bool:
        """Return whether an endpoint is asked for."""
        return self.module in ("", module) and self.state in (ALL, endpoint["state"])


@dataclass(frozen=True)
class Results:
    """One page of the endpoints that were asked for, each with its ``module`` and ``cases``.

    ``totals`` counts the endpoints of the module by state, ``matching`` those that were asked for.
    """

    chosen: Chosen
    totals: Mapping[str, int]
    endpoints: Sequence[Stored]
    matching: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.matching // PAGE))

    @property
    def everything(self) -> int:
        """How many endpoints the module has."""
        return sum(self.totals.values())


@dataclass(frozen=True)
class Past:
    """The runs of before: the newest first, the last of each revision, and the pass rate over time."""

    runs: Sequence[Stored]
    revisions: Sequence[Stored]
    chart: Chart


def run(ops: Database, parameters: Mapping[str, str]) -> Stored | None:
    """Return the run that the URL names, else the newest of everything, else the newest at all."""
    named = parameters.get("run", "")
    found = history.find(ops, ObjectId(named)) if ObjectId.is_valid(named) else None
    return found or history.latest(ops) or next(iter(history.history(ops, 1)), None)


def newer_part(ops: Database, shown: Stored) -> Stored | None:
    """Return the newest run if it is newer than the one ``shown`` and was of one module only."""
    newest = next(iter(history.summaries(ops, 1)), None)
    if newest is None or newest["module"] is None or newest["startedAt"] <= shown["startedAt"]:
        return None
    return newest


def results(ops: Database, run: Stored, parameters: Mapping[str, str]) -> Results:
    """Return the endpoints that the URL asks for, a page of them, with their cases."""
    chosen = Chosen.of(run, parameters)
    every = [(module["name"], endpoint) for module in run["modules"] for endpoint in module.get("endpoints", ())]
    wanted = [(module, endpoint["name"]) for module, endpoint in every if chosen.wants(module, endpoint)]
    shown = wanted[(chosen.page - 1) * PAGE : chosen.page * PAGE]
    stored = history.cases(ops, run["_id"], module=chosen.module or None, names=[name for _, name in shown])
    found = {(endpoint["module"], endpoint["name"]): endpoint for endpoint in stored}
    of_module = [endpoint["state"] for module, endpoint in every if chosen.module in ("", module)]
    totals = {state: of_module.count(state) for state in STATES}
    return Results(chosen, totals, [found[each] for each in shown if each in found], len(wanted))


def cases(ops: Database, run: Stored, parameters: Mapping[str, str]) -> list[Stored]:
    """Return every case of the endpoints that the URL asks for, each with its ``module`` and ``endpoint``."""
    chosen = Chosen.of(run, parameters)
    return [
        {"module": endpoint["module"], "endpoint": endpoint["name"], **case}
        for endpoint in history.cases(ops, run["_id"], module=chosen.module or None)
        if chosen.wants(endpoint["module"], endpoint)
        for case in endpoint["cases"]
    ]


def past(ops: Database, now: datetime) -> Past:
    """Return the runs of before."""
    runs = history.summaries(ops, RUNS_SHOWN)
    whole = [(each["startedAt"], each["rate"]) for each in reversed(runs) if each["module"] is None]
    return Past(runs, history.by_revision(ops), chart(whole, "%", end=now, target=100.0))


def modules(ops: Database, shown: Stored | None = None) -> list[str]:
    """Return the names of the modules that the last run of everything found, for the form; ``shown`` may be it."""
    found = shown if shown and shown["module"] is None else history.latest(ops)
    return [module["name"] for module in found["modules"]] if found else []


def seconds(run: Mapping[str, Any]) -> float:
    """Return how long a run took."""
    taken: float = (run["finishedAt"] - run["startedAt"]).total_seconds()
    return taken
