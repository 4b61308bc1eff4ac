"""Ticks to open pages: only to signed-in operators on our own origin, and only that something changed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient
from pymongo.database import Database

from mixillo.blueprints.dashboard.sockets import OperatorSockets
from mixillo.core.realtime import OPERATORS
from mixillo.extensions import socketio
from tests.dashboard.browsing import Browse, Forward, csrf_of
from tests.waiting import wait_until


@pytest.fixture
def namespace(app: Flask) -> OperatorSockets:
    """The dashboard's namespace in the application under test."""
    found: Any = socketio.server.namespace_handlers[OPERATORS]
    return found


@pytest.fixture
def opened(app: Flask, namespace: OperatorSockets) -> Iterator[list[SocketIOTestClient]]:
    """The sockets that the test opened; closed after it."""
    sockets: list[SocketIOTestClient] = []
    yield sockets
    for socket in sockets:
        if socket.is_connected(OPERATORS):
            socket.disconnect(OPERATORS)
    wait_until(lambda: not namespace.watch.running)


def open_socket(client: FlaskClient, opened: list[SocketIOTestClient], **headers: str) -> SocketIOTestClient:
    socket = socketio.test_client(client.application, OPERATORS, headers=headers, flask_test_client=client)
    opened.append(socket)
    return socket


def ticks(socket: SocketIOTestClient, topic: str) -> list[dict[str, Any]]:
    """Return the ticks of ``topic`` that came since the last look."""
    return [
        e["args"][0]
        for e in socket.get_received(OPERATORS)
        if e["name"] == "changed" and e["args"][0]["topic"] == topic
    ]


def test_a_document_in_the_database_is_a_tick_on_the_page(
    browser: Browse, opened: list[SocketIOTestClient], db: Database
) -> None:
    socket = open_socket(browser("viewer"), opened)
    assert socket.is_connected(OPERATORS)
    first = wait_until(lambda: ticks(socket, "database"))
    db["things"].insert_one({})
    second = wait_until(lambda: ticks(socket, "database"), 4)
    assert second[0]["version"] > first[-1]["version"]
    assert set(second[0]) == {"topic", "version"}
    db.drop_collection("things")


def test_a_stranger_gets_no_socket(client: FlaskClient, opened: list[SocketIOTestClient]) -> None:
    assert not open_socket(client, opened).is_connected(OPERATORS)
    client.get("/ops/sign-in")  # a visitor's cookie is no session
    assert not open_socket(client, opened).is_connected(OPERATORS)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost.evil.example", "http://localhost:1", "null"]
)
def test_a_page_of_another_origin_gets_no_socket(
    browser: Browse, opened: list[SocketIOTestClient], origin: str
) -> None:
    assert not open_socket(browser(), opened, Origin=origin).is_connected(OPERATORS)


@pytest.mark.parametrize("origin", ["http://localhost", "http://localhost:5000"])
def test_our_own_pages_get_one(browser: Browse, opened: list[SocketIOTestClient], origin: str) -> None:
    assert open_socket(browser(), opened, Origin=origin).is_connected(OPERATORS)


def test_signing_out_cuts_the_sockets_of_that_session_only(browser: Browse, opened: list[SocketIOTestClient]) -> None:
    leaving, staying = browser(username="amira"), browser(username="bilal")
    cut, kept = open_socket(leaving, opened), open_socket(staying, opened)
    leaving.post("/ops/sign-out", data={"csrf_token": csrf_of(leaving.get("/ops"))})
    assert not cut.is_connected(OPERATORS)
    assert kept.is_connected(OPERATORS)


def test_a_socket_does_not_outlive_the_twelve_hours(
    browser: Browse, opened: list[SocketIOTestClient], namespace: OperatorSockets, forward: Forward
) -> None:
    socket = open_socket(browser(), opened)
    namespace.tell("process")
    assert socket.is_connected(OPERATORS)
    forward(timedelta(hours=12))
    namespace.tell("process")
    assert not socket.is_connected(OPERATORS)


def test_what_a_page_sends_changes_nothing(browser: Browse, opened: list[SocketIOTestClient]) -> None:
    socket = open_socket(browser(), opened)
    socket.emit("changed", {"topic": "database"}, namespace=OPERATORS)
    socket.emit("join", {"room": "x"}, namespace=OPERATORS)
    assert socket.is_connected(OPERATORS)


def test_an_open_socket_is_counted_on_the_page(browser: Browse, opened: list[SocketIOTestClient]) -> None:
    client = browser()
    open_socket(client, opened)
    assert "1\u00a0operator<" in client.get("/ops").text
