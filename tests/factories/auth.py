"""Sessions, and clients that are signed in."""

from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from mixillo.blueprints.auth.services import sessions
from mixillo.blueprints.auth.services.sessions import Origin
from mixillo.blueprints.auth.services.signing_in import token_pair

_hosts = count(1)


def fresh_address() -> str:
    """Return an address that no other test has, so that nothing is counted against it yet."""
    number = next(_hosts)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def make_session(
    app: Flask, user: dict[str, Any], address: str = "198.51.100.1"
) -> tuple[dict[str, Any], dict[str, str]]:
    """Start a session of ``user``; return its document and ``{token, refreshToken}``."""
    with app.app_context():
        session = sessions.start(user["_id"], Origin(address, "tests"))
        return session, token_pair(user, session)


def sign_in(client: FlaskClient, user: dict[str, Any]) -> dict[str, str]:
    """Let ``client`` send an access token of ``user`` from now on; return ``{token, refreshToken}``."""
    _, tokens = make_session(client.application, user)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {tokens['token']}"
    return tokens


def client_of(app: Flask, user: dict[str, Any] | None = None, address: str | None = None) -> FlaskClient:
    """Return a client with an address of its own, signed in as ``user`` if there is one."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address or fresh_address()
    if user:
        sign_in(client, user)
    return client
