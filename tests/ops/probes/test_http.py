"""Servers that break HTTP itself: each is a reason in words, within the time-out."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from mixillo.ops.probes import run
from mixillo.ops.probes.http import MAXIMUM_BODY, Answer, BadAddress, NoAnswer, Request, Server
from mixillo.ops.probes.runner import Limits

Behaviour = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def raw() -> Iterator[Callable[[Behaviour], str]]:
    """Serve what a function does with each connection, after the request was read; yields base URLs."""
    listeners = []

    def serve(behaviour: Behaviour) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def handle(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.recv(65536)
                    behaviour(connection)
                except OSError:
                    pass

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def ask(url: str, timeout: float = 0.5) -> Answer:
    return Server(url, timeout).send(Request("GET", "/"))


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def say(data: bytes) -> Behaviour:
    return lambda connection: connection.sendall(data)


def hang(connection: socket.socket) -> None:
    connection.recv(1)


def trickle(before: bytes) -> Behaviour:
    def drip(connection: socket.socket) -> None:
        connection.sendall(before)
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    return drip


def flood(connection: socket.socket) -> None:
    connection.sendall(OK + b"\r\n")
    while True:
        connection.sendall(b" " * 65536)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (reset, "the connection was reset"),
        (close, "the connection was closed without an answer"),
        (hang, "no complete answer within 0.5 s"),
        (trickle(b""), "no complete answer within 0.5 s"),
        (trickle(OK), "no complete answer within 0.5 s"),
        (trickle(OK + b"\r\n"), "no complete answer within 0.5 s"),
        (flood, "the answer is larger than 4 MB"),
        (say(OK + b"Content-Length: 10\r\n\r\n{}"), "the connection was closed in the middle of the answer"),
        (say(CHUNKED + b"zz\r\n"), "the connection was closed in the middle of the answer"),
        (say(b"SSH-2.0-OpenSSH\r\n"), "the answer is not HTTP"),
        (say(b"HTTP/1.1 2000000 OK\r\n\r\n"), "the answer is not HTTP"),
        (say(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"), "the answer is not HTTP"),
        (say(b"\x00" * 100_000), "the answer is not HTTP"),
    ],
)  # fmt: skip
def test_a_broken_answer_is_a_reason(raw: Callable[[Behaviour], str], behaviour: Behaviour, reason: str) -> None:
    started = time.monotonic()
    with pytest.raises(NoAnswer) as caught:
        ask(raw(behaviour))
    assert str(caught.value) == reason
    assert time.monotonic() - started < 2


def test_a_sign_of_life_does_not_start_the_time_anew(raw: Callable[[Behaviour], str]) -> None:
    def stir_once(connection: socket.socket) -> None:
        time.sleep(0.8)
        connection.sendall(OK)
        hang(connection)

    started = time.monotonic()
    with pytest.raises(NoAnswer):
        ask(raw(stir_once), timeout=1.0)
    assert time.monotonic() - started < 1.6


def test_a_closed_port_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NoAnswer, match="the connection was refused"):
        ask(f"http://127.0.0.1:{port}")


def test_tls_with_a_server_that_speaks_none_is_a_reason(raw: Callable[[Behaviour], str]) -> None:
    url = raw(say(OK + b"\r\n{}")).replace("http:", "https:")
    with pytest.raises(NoAnswer, match="the TLS connection failed"):
        ask(url)


def test_a_body_of_the_largest_size_is_read(raw: Callable[[Behaviour], str]) -> None:
    body = b" " * MAXIMUM_BODY
    answer = ask(raw(say(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)), timeout=5)
    assert len(answer.body) == MAXIMUM_BODY


def test_an_answer_without_keep_alive_is_read_to_its_end(raw: Callable[[Behaviour], str]) -> None:
    def in_pieces(connection: socket.socket) -> None:
        for piece in (b"HTTP/1.0 200 OK\r\n", b"X-Request-Id: r1\r\n\r\n", b'{"da', b'ta": 1}'):
            connection.sendall(piece)
            time.sleep(0.01)

    answer = ask(raw(in_pieces))
    assert (answer.data(), answer.request_id) == (1, "r1")


@pytest.mark.parametrize("url", ["", "example.com", "ftp://example.com", "http://", "http://a:b", "https://a/?x=1"])
def test_a_useless_address_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        Server(url)


@pytest.mark.parametrize("behaviour", [reset, close, flood, say(b"?"), say(OK + b"\r\n{"), say(OK + b"\r\n[1]")])
def test_a_run_against_something_that_is_no_api_is_one_finding(
    raw: Callable[[Behaviour], str], behaviour: Behaviour
) -> None:
    found = run(raw(behaviour), limits=Limits(request=0.5))
    assert [(m.name, m.endpoints[0].state) for m in found.modules] == [("documentation", "fail")]
    assert found.rate == 0.0
    assert found.modules[0].endpoints[0].cases[0].detail


def test_the_run_as_a_whole_has_an_end(raw: Callable[[Behaviour], str]) -> None:
    found = run(raw(hang), limits=Limits(request=0.2, run=0.1))
    assert "the run's time was over" in found.modules[0].endpoints[0].cases[0].detail
