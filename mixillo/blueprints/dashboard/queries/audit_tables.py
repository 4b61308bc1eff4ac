"""The tables of the Audit & jobs page: jobs, and the log as a file."""

from collections.abc import Mapping, Sequence

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.queries.audit import Entry, as_json
from mixillo.blueprints.dashboard.tables import Column, Table, word
from mixillo.core import clock
from mixillo.ops.jobs import DONE, Job


def took(job: Job) -> float:
    """Return for how many seconds a job has run."""
    return max(0.0, ((job["finishedAt"] or clock.now()) - job["startedAt"]).total_seconds())


def progress(job: Job) -> float:
    """Return how far a job is, from 0 to 1; what is done needs no count to be complete."""
    if job["state"] == DONE:
        return 1.0
    return float(job["done"] / job["total"]) if job["total"] else 0.0


def outcome(job: Job) -> str:
    """Return what came of a job: why it failed, or its result in words."""
    return job["error"] or ", ".join(f"{name}: {_plain(value)}" for name, value in (job["result"] or {}).items())


def _plain(value: object) -> str:
    return formats.count(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _moment(job: Job, name: str) -> str:
    return clock.timestamp(job[name]) if job[name] else ""


JOBS = (
    word("kind", "Kind", lambda j: j["kind"]),
    word("state", "State", lambda j: j["state"]),
    Column("progress", "Progress", progress),
    word("actor", "By", lambda j: j["actor"].get("name", "")),
    Column("startedAt", "Started", lambda j: _moment(j, "startedAt")),
    Column("seconds", "Took", took),
    word("outcome", "Outcome", outcome),
)
EXPORTED_JOBS = (
    *JOBS[:3],
    Column("done", "Done", lambda j: j["done"]),
    Column("total", "Total", lambda j: j["total"]),
    word("label", "Label", lambda j: j["label"]),
    *JOBS[3:],
    word("finishedAt", "Finished", lambda j: _moment(j, "finishedAt")),
    word("parameters", "Parameters", lambda j: as_json(j["parameters"])),
    word("result", "Result", lambda j: as_json(j["result"])),
    word("error", "Error", lambda j: j["error"] or ""),
    word("id", "Id", lambda j: str(j["_id"])),
)
LOG = (
    word("createdAt", "Time", lambda e: clock.timestamp(e.at)),
    word("action", "Action", lambda e: e.action),
    word("result", "Result", lambda e: e.result),
    word("actorKind", "Kind", lambda e: e.actor_kind),
    word("actor", "Who", lambda e: e.actor),
    word("target", "Target", lambda e: e.target),
    word("targetId", "Target id", lambda e: e.target_id),
    word("address", "Address", lambda e: e.address),
    word("requestId", "Request", lambda e: e.request_id),
    word("before", "Before", lambda e: as_json(e.raw_changes["before"]) if "before" in e.raw_changes else ""),
    word("after", "After", lambda e: as_json(e.raw_changes["after"]) if "after" in e.raw_changes else ""),
)


def jobs(found: Sequence[Job], parameters: Mapping[str, str], columns: tuple[Column, ...] = JOBS) -> Table:
    """Return jobs, the newest first unless the URL says."""
    return Table.of("jobs", columns, found, order="-startedAt", parameters=parameters)


def log(entries: Sequence[Entry]) -> Table:
    """Return entries of the audit log, for the CSV."""
    return Table("audit", LOG, entries, "", "", len(entries))
