"""A real server for the tests of a module, and sockets of people who are there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from mixillo.config import Settings
from tests.factories.auth import make_session
from tests.sockets import Socket, serving

Connect = Callable[..., Socket]


@pytest.fixture(scope="module")
def url(migrated_app: Flask, settings: Settings) -> Iterator[str]:
    """One server for all tests of a module; sockets belong to the application made last."""
    with serving(settings) as address:
        yield address


@pytest.fixture
def connect(app: Flask, url: str) -> Iterator[Connect]:
    """Open a socket of a user, who saw so much of each room: ``connect(ada, {room: number})``."""
    opened: list[Socket] = []

    def open_one(user: dict[str, Any], offsets: Any = None) -> Socket:
        auth = {"token": make_session(app, user)[1]["token"]} | ({"offsets": offsets} if offsets is not None else {})
        opened.append(Socket(url, auth))
        assert opened[-1].is_open
        return opened[-1]

    yield open_one
    for socket in opened:
        socket.close()
