"""Sockets: let in by a living session only, and cut with it; a real server and a real client."""

from collections.abc import Iterator

import jwt
import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.config import Settings
from tests.factories.auth import client_of, make_session
from tests.factories.users import PASSWORD, make_user
from tests.sockets import Socket, serving
from tests.waiting import wait_until


@pytest.fixture
def url(app: Flask, settings: Settings) -> Iterator[str]:
    """The application behind a real server; made here, because sockets belong to the application made last."""
    with serving(settings) as address:
        yield address


@pytest.fixture
def sockets() -> Iterator[list[Socket]]:
    """Sockets that are closed after the test."""
    opened: list[Socket] = []
    yield opened
    for socket in opened:
        socket.close()


def test_a_token_opens_a_socket_by_auth_or_header(app: Flask, db: Database, url: str, sockets: list[Socket]) -> None:
    token = make_session(app, make_user(db))[1]["token"]
    sockets += [Socket(url, {"token": token}), Socket(url, headers={"Authorization": f"Bearer {token}"})]
    assert all(socket.is_open for socket in sockets)


def refused_with(socket: Socket) -> str:
    assert not socket.is_open
    socket.close()
    (refusal,) = socket.refusals
    assert refusal["data"]["message"] == refusal["message"]
    return refusal["data"]["code"]


def test_a_bad_token_is_refused_with_its_code(app: Flask, db: Database, url: str, settings: Settings) -> None:
    _, tokens = make_session(app, make_user(db))
    ended = make_session(app, make_user(db, username="ended"))[1]["token"]
    client_of(app).post("/api/auth/logout", headers={"Authorization": f"Bearer {ended}"})
    banned = make_session(app, make_user(db, username="banned", status="banned"))[1]["token"]
    claims = jwt.decode(tokens["token"], options={"verify_signature": False})
    of_another_type = jwt.encode(claims | {"type": "other"}, settings.jwt_secret, "HS256")
    cases = [
        (None, "NO_TOKEN"),
        ({}, "NO_TOKEN"),
        ({"token": ["x"]}, "NO_TOKEN"),
        ({"token": "abc"}, "INVALID_TOKEN"),
        ({"token": tokens["refreshToken"]}, "INVALID_TOKEN"),
        ({"token": of_another_type}, "INVALID_TOKEN"),
        ({"token": ended}, "TOKEN_REVOKED"),
        ({"token": banned}, "ACCOUNT_BANNED"),
    ]
    for auth, code in cases:
        assert refused_with(Socket(url, auth)) == code


def cut_within_a_second(socket: Socket) -> bool:
    wait_until(lambda: not socket.is_open, seconds=1.0)
    return not socket.is_open


def test_signing_out_cuts_the_sessions_sockets_and_no_others(
    app: Flask, db: Database, url: str, sockets: list[Socket]
) -> None:
    ada = make_user(db)
    first, second = make_session(app, ada)[1]["token"], make_session(app, ada)[1]["token"]
    sockets += [Socket(url, {"token": first}), Socket(url, {"token": first}), Socket(url, {"token": second})]
    client_of(app).post("/api/auth/logout", headers={"Authorization": f"Bearer {first}"})
    assert cut_within_a_second(sockets[0])
    assert cut_within_a_second(sockets[1])
    assert sockets[0].told("session:ended") == [{"code": "logged_out"}]
    assert sockets[2].is_open


def test_a_reused_refresh_token_cuts_the_sockets(app: Flask, db: Database, url: str, sockets: list[Socket]) -> None:
    _, tokens = make_session(app, make_user(db))
    sockets.append(Socket(url, {"token": tokens["token"]}))
    client, token = client_of(app), tokens["refreshToken"]
    for _ in range(2):
        token = client.post("/api/auth/refresh", json={"refreshToken": token}).json["data"]["refreshToken"]
    assert sockets[0].is_open
    client.post("/api/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
    assert cut_within_a_second(sockets[0])
    assert sockets[0].told("session:ended") == [{"code": "refresh_token_reused"}]


def test_changing_the_password_cuts_the_other_sessions_sockets(
    app: Flask, db: Database, url: str, sockets: list[Socket]
) -> None:
    ada = make_user(db)
    here, there = make_session(app, ada)[1]["token"], make_session(app, ada)[1]["token"]
    sockets += [Socket(url, {"token": here}), Socket(url, {"token": there})]
    body = {"currentPassword": PASSWORD, "newPassword": "a much better one"}
    client_of(app).post("/api/auth/change-password", json=body, headers={"Authorization": f"Bearer {here}"})
    assert cut_within_a_second(sockets[1])
    assert sockets[0].is_open
