"""Asking the application itself, through its whole WSGI stack, and keeping what it answers with."""

from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

AGENT = "Mixillo (asking itself)"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """What an answer was sent with; ``headers`` are in order, and may repeat."""

    status: int
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str | None:
        """Return the first header called ``name``, in whatever case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def ask(
    app: Flask,
    path: str,
    *,
    method: str = "GET",
    url: str = "http://localhost",
    address: str = LOOPBACK,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request to ``app`` as if from ``address`` to the host of ``url``, and return what it answers with.

    It is counted, logged and limited like any other. What a server or proxy in front adds is not in it.
    """
    sent = Headers({"User-Agent": AGENT, **(headers or {})})
    environ = {"REMOTE_ADDR": address}
    builder = EnvironBuilder(path=path, method=method, base_url=url, headers=sent, environ_overrides=environ)
    # In a context of its own: the request that we are in has its `g`, which must stay as it is.
    return Context().run(_send, app, builder)


def _send(app: Flask, builder: EnvironBuilder) -> Answer:
    with Client(app, use_cookies=False).open(builder) as response:
        return Answer(response.status_code, tuple(response.headers.to_wsgi_list()))
