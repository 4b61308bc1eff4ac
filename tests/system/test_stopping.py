"""SIGTERM: what was asked is answered, sockets are told to go elsewhere, and the worker is gone at once."""

import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import socketio

from tests.system.conftest import Serve
from tests.system.served import Served, gone
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
SOCKETS, REQUESTS = 50, 20
# Cloud Run grants ten seconds, gunicorn eight of them; what is measured is well below one.
SECONDS_TO_STOP = 4


@pytest.fixture(params=["eventlet", "gevent", "gthread"])
def server(request: pytest.FixtureRequest, serve: Serve) -> Served:
    """A server with each of the workers."""
    return serve("--dataset", "none", MIXILLO_WORKER=request.param, MIXILLO_RATE_LIMIT="off").wait_until_ready()


@pytest.fixture
def sockets(server: Served) -> Iterator[list[socketio.Client]]:
    """Clients of one user, connected by WebSocket, with one that polls among them."""
    token = server.register("barbara")["token"]
    with ExitStack() as stack:
        clients = []
        for number in range(SOCKETS):
            client = socketio.Client(reconnection=False)
            stack.callback(client.disconnect)
            transports = ["polling"] if number == 0 else ["websocket"]
            client.connect(server.url, auth={"token": token}, transports=transports, wait_timeout=20)
            clients.append(client)
        yield clients


def test_open_sockets_are_closed_and_do_not_hold_the_worker(server: Served, sockets: list[socketio.Client]) -> None:
    assert all(client.connected for client in sockets)
    worker = server.worker_pid
    started = time.monotonic()
    os.kill(worker, signal.SIGTERM)
    wait_until(lambda: gone(worker), SECONDS_TO_STOP)
    wait_until(lambda: not any(client.connected for client in sockets), 5)
    assert time.monotonic() - started < SECONDS_TO_STOP + 1


def test_requests_in_flight_are_answered(server: Served, sockets: list[socketio.Client]) -> None:
    half_sent = [begin_request(server, f"u{number:02}") for number in range(REQUESTS)]
    idle = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=20) for _ in range(5)]
    for connection in idle:  # answered once and kept open: nobody should wait for these
        connection.request("GET", "/health")
        connection.getresponse().read()
    worker = server.worker_pid
    os.kill(worker, signal.SIGTERM)
    wait_until(lambda: not any(client.connected for client in sockets), 5)
    assert not gone(worker)
    started = time.monotonic()
    statuses = [finish_request(connection, body) for connection, body in half_sent]
    assert statuses == [201] * REQUESTS
    wait_until(lambda: gone(worker), SECONDS_TO_STOP + REQUESTS * 0.2)
    assert time.monotonic() - started < 8
    for connection in idle:
        connection.close()


def test_a_stop_under_traffic_drops_no_answer(server: Served) -> None:
    """Everybody gets an answer, those still in the queue a 503; later ones cannot connect. Nobody is cut off."""
    outcomes: list[str] = []
    stop = threading.Event()
    askers = [threading.Thread(target=ask, args=(server, outcomes, stop)) for _ in range(8)]
    for asker in askers:
        asker.start()
    wait_until(lambda: len(outcomes) > 100)
    server.process.send_signal(signal.SIGTERM)
    assert server.wait_until_ended() == 0
    stop.set()
    for asker in askers:
        asker.join()
    assert set(outcomes) <= {"answered", "turned away", "refused"}, {
        outcome: outcomes.count(outcome) for outcome in set(outcomes)
    }


def begin_request(server: Served, name: str) -> tuple[http.client.HTTPConnection, bytes]:
    """Send half of a registration; return the connection and the other half."""
    body = json.dumps(
        {"username": name, "email": f"{name}@example.com", "password": "a-quiet-harbour-42", "fullName": "In Flight"}
    ).encode()
    half = len(body) // 2
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("POST", "/api/auth/register")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:half])
    return connection, body[half:]


def finish_request(connection: http.client.HTTPConnection, rest: bytes) -> int:
    """Send the rest and return the status of the answer."""
    connection.send(rest)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def ask(server: Served, outcomes: list[str], stop: threading.Event) -> None:
    """Ask again and again, on a new connection each time, and note what comes of it."""
    while not stop.is_set():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            answer.read()
            outcomes.append({200: "answered", 503: "turned away"}[answer.status])
            stop.wait(int(answer.getheader("Retry-After", 0)))
        except ConnectionRefusedError:
            outcomes.append("refused")
            time.sleep(0.01)
        except (OSError, http.client.HTTPException) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()
