"""A run as a job: what the dashboard starts and the command runs, stored in the history when it is done."""

from typing import Any

from pymongo.database import Database

from mixillo.ops.jobs import Report, Work
from mixillo.ops.probes import history
from mixillo.ops.probes.accounts import InDatabase
from mixillo.ops.probes.runner import Limits, run

KIND = "probes"


def job(
    database: Database | None,
    ops: Database,
    base_url: str,
    *,
    module: str | None = None,
    unsafe: bool = False,
    tokens: dict[str, str] | None = None,
    limits: Limits | None = None,
) -> Work:
    """Return the work of a job that probes ``base_url``, for ``jobs.start(ops, KIND, …)``.

    ``database`` is the target's own, for accounts of every role; ``None`` when the target has another one. The
    job's result is ``{runId, passing, judged, rate}``.
    """

    def work(report: Report) -> dict[str, Any]:
        accounts = None if database is None else InDatabase(database, ops)
        found = run(
            base_url, module=module, unsafe=unsafe, accounts=accounts, tokens=tokens, limits=limits, progress=report
        )
        summary = found.as_dict(cases=False)
        return {"runId": history.record(ops, found)} | {key: summary[key] for key in ("passing", "judged", "rate")}

    return work
