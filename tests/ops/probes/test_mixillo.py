"""The probes against the real application."""

import re

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.ops.probes import ProbeRun, run
from mixillo.ops.probes.accounts import InDatabase
from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS
from tests.contracts.test_openapi import api_operations
from tests.ops.probes.digests import contents

NOT_TO_BE_HAD = {
    "POST /api/auth/reset-password", "POST /api/auth/verify-email", "POST /api/ops/checks",
    "POST /api/payments/webhooks/{provider}", "PUT /api/uploads/{upload_id}/data",
}  # fmt: skip
NOTHING = ("the list is empty", "no ", "there is no ")
LISTS = (
    "GET /api/users", "GET /api/users/blocked", "GET /api/users/{user_id}/followers",
    "GET /api/users/{user_id}/following", "GET /api/auth/sessions",
)  # fmt: skip


def told(run: ProbeRun, *states: str) -> list[tuple[str, str, str]]:
    return [(e.name, c.name, c.detail) for e in run.endpoints for c in e.cases if c.state in states]


@pytest.mark.slow
def test_mixillo_passes_its_own_probes_and_is_as_before(
    mixillo: str, accounts: InDatabase, app: Flask, db: Database, ops_db: Database
) -> None:
    db["users"].insert_one({"username": "ada", "email": "ada@example.com", "status": "active"})
    before = contents(db, ops_db)
    found = run(mixillo, accounts=accounts)
    assert found.notes == []
    assert len(accounts.names.prefix) == len("probe_12345678_")
    assert contents(db, ops_db) == before
    assert told(found, FAIL) == []
    assert found.rate == 100.0
    states = {e.name: e.state for e in found.endpoints}
    assert {f"{method.upper()} {path}" for path, method, _ in api_operations(app)} <= states.keys()
    assert set(states.values()) <= {PASS, DEGRADED, BLOCKED}

    # Only what a mail or a signature would open is blocked, and what there is nothing for in an empty database.
    blocked = {name for name, _, detail in told(found, BLOCKED) if not detail.startswith(NOTHING)}
    assert blocked <= NOT_TO_BE_HAD
    assert all(states[name] in (PASS, DEGRADED) for name in LISTS)

    shown = str(found.as_dict())
    assert "Bearer" not in shown
    assert not re.search(r"eyJ[\w-]+\.eyJ", shown)  # three letters alone are in many a request id


def test_without_the_database_users_register_and_administrators_are_missing(mixillo: str) -> None:
    found = run(mixillo, module="users")
    assert told(found, FAIL) == []
    assert [m.name for m in found.modules] == ["users"]
    assert found.rate == 100.0
