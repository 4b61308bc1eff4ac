"""What tests about signing in share."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.auth import client_of

Mailbox = Callable[[], list[str]]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client with an address of its own, so that tests do not use up each other's limits."""
    return client_of(app)


@pytest.fixture
def mailed_tokens(capsys: pytest.CaptureFixture[str]) -> Mailbox:
    """Return the tokens of the mails since the last call; without a mail server, mail goes to the terminal."""
    return lambda: re.findall(r"token=([\w-]+)", capsys.readouterr().out)
