"""Long work that an operator starts on a page."""

from collections.abc import Callable, Mapping
from typing import Any

from bson import ObjectId

from mixillo.blueprints.dashboard.access import current_operator
from mixillo.blueprints.dashboard.measuring import Measured, once
from mixillo.core import audit_log
from mixillo.core.db import ops_database
from mixillo.ops import jobs
from mixillo.ops.jobs import Work


def start(kind: str, work: Work, **parameters: Any) -> ObjectId:
    """Start ``work`` in the background for who is signed in, and return the job's id.

    The audit log says who asked, from where and in which request; the job's own record says what came of it.

    :raises JobRunning: there is one of this kind already.
    """
    actor = current_operator().actor
    job_id = jobs.start(ops_database(), kind, work, actor=actor, parameters=parameters)
    after: Mapping[str, Any] = {"kind": kind, **parameters}
    audit_log.record("job.started", actor=actor, target="jobs", target_id=job_id, changes={"after": after})
    return job_id


def latest(kind: str) -> Callable[[], Measured]:
    """Return the question for the newest job of ``kind``, for the page that starts them."""
    ops = ops_database()
    return once(lambda: jobs.latest(ops, kind))
