"""The probes against the real application."""

from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.ops.probes import ProbeRun, run
from mixillo.ops.probes.accounts import InDatabase
from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS
from tests.contracts.test_openapi import api_operations


@pytest.fixture
def found(mixillo: str, accounts: InDatabase) -> ProbeRun:
    return run(mixillo, accounts=accounts)


def told(run: ProbeRun, *states: str) -> list[tuple[str, str, str]]:
    return [(e.name, c.name, c.detail) for e in run.endpoints for c in e.cases if c.state in states]


def test_mixillo_passes_its_own_probes(found: ProbeRun, app: Flask) -> None:
    assert told(found, FAIL) == []
    assert found.rate == 100.0
    probed = {e.name for e in found.endpoints}
    assert {f"{method.upper()} {path}" for path, method, _ in api_operations(app)} <= probed
    assert {e.state for e in found.endpoints} <= {PASS, DEGRADED, BLOCKED}


def test_only_what_a_mail_or_a_signature_would_open_is_blocked(found: ProbeRun) -> None:
    blocked = {name for name, _, _ in told(found, BLOCKED)}
    assert blocked <= {"POST /api/auth/reset-password", "POST /api/auth/verify-email", "POST /api/ops/checks"}


def test_lists_are_seen_with_something_in_them(found: ProbeRun) -> None:
    lists = ("GET /api/users", "GET /api/users/blocked", "GET /api/users/{user_id}/followers", "GET /api/auth/sessions")
    states = {e.name: {c.state for c in e.cases} for e in found.endpoints if e.name in lists}
    assert states.keys() == set(lists)
    assert all(seen <= {PASS, DEGRADED} for seen in states.values())


def test_a_run_is_json_without_secrets(found: ProbeRun, db: Database) -> None:
    told_run: dict[str, Any] = found.as_dict()
    assert told_run["judged"] == told_run["passing"]
    assert "Bearer" not in str(told_run)
    assert "eyJ" not in str(told_run)


def test_without_the_database_users_register_and_administrators_are_missing(mixillo: str) -> None:
    found = run(mixillo, module="users")
    assert told(found, FAIL) == []
    assert [m.name for m in found.modules] == ["users"]
    assert found.rate == 100.0
