"""The page of live events: for operators only, with and without a socket."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient
from pymongo.database import Database

from mixillo.blueprints.dashboard import sockets
from mixillo.blueprints.dashboard.routes.events import MOST_ROWS
from mixillo.core.realtime import OPERATORS
from mixillo.extensions import socketio
from mixillo.ops import jobs
from mixillo.ops.events import live
from tests.dashboard.browsing import Browse, Forward
from tests.waiting import wait_until

ME = {"kind": "command", "name": "mixillo probe"}


@pytest.fixture(autouse=True)
def soon_over(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the streams end with the test."""
    monkeypatch.setattr(live, "SECONDS_FOR_POLLING", 0.5)
    yield
    wait_until(lambda: not sockets.live_events().running, 10)


@pytest.fixture
def opened(app: Flask, browser: Browse) -> Iterator[SocketIOTestClient]:
    """A page whose socket is open."""
    client = browser("viewer")
    socket = socketio.test_client(client.application, OPERATORS, flask_test_client=client)
    yield socket
    if socket.is_connected(OPERATORS):
        socket.disconnect(OPERATORS)
    watch = socketio.server.namespace_handlers[OPERATORS].watch
    wait_until(lambda: not watch.running)


def names(socket: SocketIOTestClient) -> list[str]:
    return [event["args"][0]["name"] for event in socket.get_received(OPERATORS) if event["name"] == "event"]


def latest(client: FlaskClient) -> list[dict[str, str]]:
    answer = client.get("/ops/events/latest", headers={"X-Live": "events"})
    assert answer.mimetype == "application/json"
    found: list[dict[str, str]] = answer.json["events"]  # type: ignore[index]
    return found


def test_the_last_events_are_on_the_page(browser: Browse, ops_db: Database) -> None:
    jobs.run_inline(ops_db, "probes", lambda report: {}, actor=ME)
    page = browser("viewer").get("/ops/events").text
    assert "started by mixillo probe" in page
    assert "operator.signed_in" in page
    assert f'data-most="{MOST_ROWS}"' in page


def test_the_url_filters_by_kind(browser: Browse, ops_db: Database) -> None:
    jobs.run_inline(ops_db, "probes", lambda report: {}, actor=ME)
    viewer = browser("viewer")
    page = viewer.get("/ops/events?kind=job&kind=alert").text
    assert "started by mixillo probe" in page
    assert "operator.signed_in" not in page
    assert page.count("checked") == 2
    assert "operator.signed_in" in viewer.get("/ops/events?kind=nonsense").text


def test_who_follows_is_told_and_who_does_not_is_not(opened: SocketIOTestClient, db: Database, browser: Browse) -> None:
    other = browser("viewer", username="bilal")
    silent = socketio.test_client(other.application, OPERATORS, flask_test_client=other)
    opened.emit("follow", namespace=OPERATORS)
    heard: list[str] = []

    def is_heard() -> bool:
        db["things"].insert_one({})
        heard.extend(names(opened))
        return "things" in heard

    wait_until(is_heard, 10)
    assert names(silent) == []
    silent.disconnect(OPERATORS)
    db.drop_collection("things")


def test_a_follower_is_cut_when_nobody_sits_there_any_more(
    opened: SocketIOTestClient, browser: Browse, forward: Forward
) -> None:
    namespace = socketio.server.namespace_handlers[OPERATORS]
    opened.emit("follow", namespace=OPERATORS)
    forward(timedelta(minutes=29))
    namespace.tell("process")
    assert opened.is_connected(OPERATORS)
    forward(timedelta(minutes=2))
    opened.get_received(OPERATORS)
    namespace.tell("process")
    assert not opened.is_connected(OPERATORS)


def test_a_page_that_is_closed_ends_the_streams(opened: SocketIOTestClient) -> None:
    opened.emit("follow", namespace=OPERATORS)
    assert sockets.live_events().running
    opened.disconnect(OPERATORS)
    wait_until(lambda: not sockets.live_events().running)


def test_without_a_socket_the_page_asks(browser: Browse, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SECONDS_FOR_POLLING", 3.0)
    viewer = browser("viewer")

    def is_told() -> bool:
        db["things"].insert_one({})
        return any(event["name"] == "things" for event in latest(viewer))

    wait_until(is_told, 10)
    found = latest(viewer)
    assert set(found[0]) == {"id", "at", "kind", "name", "summary"}
    assert [event["at"] for event in found] == sorted((event["at"] for event in found), reverse=True)
    assert len({event["id"] for event in found}) == len(found)
    db.drop_collection("things")


@pytest.mark.parametrize("path", ["/ops/events", "/ops/events/latest"])
def test_nobody_hears_of_them_without_signing_in(app: Flask, ops_db: Database, path: str) -> None:
    assert app.test_client().get(path).status_code == 303
    stranger = socketio.test_client(app, OPERATORS, flask_test_client=app.test_client())
    assert not stranger.is_connected(OPERATORS)
