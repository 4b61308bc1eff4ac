"""A worker that is killed between the commit of a request and the moment its answer is kept."""

from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from mixillo.core import clock, idempotency


class Killed(BaseException):
    """What happens to a worker that is killed: nothing after it runs."""


def kill_before_the_answer_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next request end between its commit and the moment its answer is kept."""
    keep = idempotency._keep

    def once(*_arguments: Any) -> None:
        monkeypatch.setattr(idempotency, "_keep", keep)
        raise Killed

    monkeypatch.setattr(idempotency, "_keep", once)


def let_a_minute_pass(ops_db: Database) -> None:
    """Let keys whose request was cut off be free again."""
    ago = clock.now() - timedelta(minutes=2)
    ops_db["idempotencykeys"].update_many({"state": "running"}, {"$set": {"startedAt": ago}})
