"""The audit log: who did what to what, with the state before and after. It is only ever added to."""

from typing import Any

from bson import ObjectId
from flask import g, has_request_context, request
from pymongo.client_session import ClientSession

from mixillo.core import clock
from mixillo.core.db import ops_database

COLLECTION = "auditlog"
SYSTEM = {"kind": "system", "name": "mixillo"}


def record(
    action: str,
    *,
    actor: dict[str, Any],
    target: str | None = None,
    target_id: ObjectId | str | None = None,
    changes: dict[str, Any] | None = None,
    result: str = "ok",
    session: ClientSession | None = None,
) -> None:
    """Add an entry; inside a transaction pass its ``session`` so that both happen or neither.

    ``actor`` is ``{"kind": "user" | "operator" | "system" | "command", "id"?, "name"}``; ``action`` is a dotted
    name such as ``operator.signed_in``; ``changes`` holds ``before`` and ``after`` where there is such a thing
    and never a secret.
    """
    entry = {
        "action": action,
        "actor": actor,
        "target": target,
        "targetId": target_id,
        "changes": changes,
        "result": result,
        "createdAt": clock.now(),
    }
    if has_request_context():
        entry |= {"requestId": g.get("request_id"), "address": request.remote_addr}
    ops_database()[COLLECTION].insert_one(entry, session=session)
