"""Open pages are told of jobs: that one moves, and that there is a new result."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_socketio import SocketIOTestClient
from pymongo.database import Database

from mixillo.core.realtime import OPERATORS
from mixillo.extensions import socketio
from mixillo.ops import jobs
from mixillo.ops.alerts import alert_changed
from mixillo.ops.changes import Ticks
from tests.dashboard.browsing import Browse
from tests.waiting import wait_until

ME = {"kind": "operator", "name": "salma"}


@pytest.fixture
def socket(app: Flask, browser: Browse, monkeypatch: pytest.MonkeyPatch) -> Iterator[SocketIOTestClient]:
    """A page that is open and live, in a process that has told nobody anything yet."""
    client = browser("viewer")
    watch = socketio.server.namespace_handlers[OPERATORS].watch
    # Its first tick comes with the first beat; after the test before, it would come when ten seconds are over.
    monkeypatch.setattr(watch, "_ticks", Ticks())
    opened = socketio.test_client(client.application, OPERATORS, flask_test_client=client)
    wait_until(lambda: "process" in topics(opened))
    yield opened
    opened.disconnect(OPERATORS)
    wait_until(lambda: not watch.running)


def topics(socket: SocketIOTestClient) -> list[str]:
    """Return the topics of the ticks that came since the last look."""
    return [event["args"][0]["topic"] for event in socket.get_received(OPERATORS) if event["name"] == "changed"]


def test_a_job_that_ends_is_a_tick_for_jobs_and_one_for_its_kind(socket: SocketIOTestClient, ops_db: Database) -> None:
    jobs.run_inline(ops_db, "probes", lambda report: {}, actor=ME)
    heard: list[str] = []
    wait_until(lambda: heard.extend(topics(socket)) or {"jobs", "probes"} <= set(heard), 4)


def test_a_job_that_moves_on_has_no_new_result_yet(socket: SocketIOTestClient, ops_db: Database) -> None:
    heard: list[str] = []

    def work(report: jobs.Report) -> dict[str, object]:
        report(1, 2, "first of two")
        wait_until(lambda: heard.extend(topics(socket)) or "jobs" in heard, 4)
        return {}

    jobs.run_inline(ops_db, "probes", work, actor=ME)
    assert "probes" not in heard


def test_an_alert_that_changes_is_a_tick(socket: SocketIOTestClient) -> None:
    alert_changed.send("errors", state="firing")
    wait_until(lambda: "alerts" in topics(socket), 4)
