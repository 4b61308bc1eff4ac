"""Operators, browsers that are signed in, and a clock that can be put forward."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.dashboard import keeping, measuring, rendering
from mixillo.blueprints.dashboard.queries import holdings
from mixillo.blueprints.dashboard.services import operators
from mixillo.blueprints.dashboard.services.operators import Operator
from mixillo.core import clock, ratelimits
from tests.dashboard.browsing import PASSWORD, Browse, Forward, MakeOperator, sign_in


@pytest.fixture(autouse=True)
def fresh_memory(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the guesses and figures of other tests: the application under test serves all of them.

    Pages are rendered anew for every request; what is kept of them has tests of its own.
    """
    monkeypatch.setitem(app.extensions, "ratelimits", ratelimits.Counter())
    app.extensions.pop(holdings.EXTENSION, None)
    app.extensions.pop(keeping.EXTENSION, None)
    app.extensions.pop("kept", None)
    monkeypatch.setattr(rendering, "FRESH_ENOUGH", timedelta(0))
    measuring.outage.end()


@pytest.fixture
def operator(ops_db: Database) -> MakeOperator:
    """Create an operator: ``operator("viewer")``."""

    def make(role: str = "admin", username: str = "amira", full_name: str = "Amira Haddad") -> Operator:
        return operators.create(
            ops_db,
            username=username,
            email=f"{username}@example.com",
            full_name=full_name,
            role=role,
            password=PASSWORD,
        )

    return make


@pytest.fixture
def browser(app: Flask, operator: MakeOperator) -> Browse:
    """Return a browser in which an operator of this role is signed in."""

    def open_browser(role: str = "admin", **person: str) -> FlaskClient:
        created = operator(role, **person)
        client = app.test_client()
        answer = sign_in(client, created.username)
        assert answer.status_code == 303, answer.text
        return client

    return open_browser


@pytest.fixture
def forward(monkeypatch: pytest.MonkeyPatch) -> Forward:
    """Put the clock forward by a span, again and again."""
    real, ahead = clock.now, [timedelta(0)]
    monkeypatch.setattr(clock, "now", lambda: real() + ahead[0])

    def move(span: timedelta) -> None:
        ahead[0] += span

    return move
