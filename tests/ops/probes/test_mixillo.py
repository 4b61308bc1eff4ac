"""The probes against the real application."""

from flask import Flask

from mixillo.ops.probes import ProbeRun, run
from mixillo.ops.probes.accounts import InDatabase
from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS
from tests.contracts.test_openapi import api_operations

NOT_TO_BE_HAD = {
    "POST /api/auth/reset-password", "POST /api/auth/verify-email", "POST /api/ops/checks",
    "POST /api/payments/webhooks/{provider}",
}  # fmt: skip
LISTS = (
    "GET /api/users", "GET /api/users/blocked", "GET /api/users/{user_id}/followers",
    "GET /api/users/{user_id}/following", "GET /api/auth/sessions",
)  # fmt: skip


def told(run: ProbeRun, *states: str) -> list[tuple[str, str, str]]:
    return [(e.name, c.name, c.detail) for e in run.endpoints for c in e.cases if c.state in states]


def test_mixillo_passes_its_own_probes(mixillo: str, accounts: InDatabase, app: Flask) -> None:
    found = run(mixillo, accounts=accounts)
    assert told(found, FAIL) == []
    assert found.rate == 100.0
    states = {e.name: e.state for e in found.endpoints}
    assert {f"{method.upper()} {path}" for path, method, _ in api_operations(app)} <= states.keys()
    assert set(states.values()) <= {PASS, DEGRADED, BLOCKED}

    # Only what a mail or a signature would open is blocked; lists were seen with something in them.
    assert {name for name, _, _ in told(found, BLOCKED)} <= NOT_TO_BE_HAD
    assert all(states[name] in (PASS, DEGRADED) for name in LISTS)

    shown = str(found.as_dict())
    assert "Bearer" not in shown
    assert "eyJ" not in shown


def test_without_the_database_users_register_and_administrators_are_missing(mixillo: str) -> None:
    found = run(mixillo, module="users")
    assert told(found, FAIL) == []
    assert [m.name for m in found.modules] == ["users"]
    assert found.rate == 100.0
