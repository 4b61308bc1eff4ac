"""What the rules measure, as the workers that measure it leave it; and addresses that take notices."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pymongo.database import Database

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops.metrics.histograms import bucket_of
from mixillo.ops.metrics.recording import Minute, new_row
from mixillo.ops.metrics.storing import Instance, store
from tests.waiting import wait_until


@pytest.fixture
def ops(database: Database) -> Database:
    """The technical database that goes with ``database``."""
    return database.client[f"{database.name}_ops"]


@dataclass
class Traffic:
    """Requests as the metrics store them."""

    ops: Database
    number: int = 0

    def add(
        self, requests: int, errors: int = 0, *, minutes_ago: int = 0, ms: float = 20.0, rule: str = "/api/x"
    ) -> None:
        """Store some requests, the ``errors`` of them answered with a 500."""
        self.number += 1
        minute = Minute((clock.now() - timedelta(minutes=minutes_ago)).replace(second=0, microsecond=0))
        for status_class, count in ((2, requests - errors), (5, errors)):
            row = minute.rows[(rule, "GET", status_class)] = new_row()
            row[bucket_of(ms)] += count
            row[-1] += count * ms
        instance = Instance("tested", "r1", clock.now())
        assert store(self.ops, instance, self.number, minute)


@pytest.fixture
def traffic(ops: Database) -> Traffic:
    """Requests to store."""
    return Traffic(ops)


@dataclass
class Webhook:
    """A real HTTP server that keeps what it is sent; ``status`` is what it answers."""

    url: str = ""
    status: int = 200
    received: list[dict] = field(default_factory=list)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """An address that takes notices."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.append(json.loads(body))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        hook.url = f"json://127.0.0.1:{server.server_port}/hook?key=s3cret-path"
        yield hook
        server.shutdown()
        thread.join()


@pytest.fixture
def telling(settings: Settings, webhook: Webhook) -> Settings:
    """Settings with the webhook as the address."""
    return Settings(**vars(settings) | {"alert_urls": (webhook.url,)})


def arrived(webhook: Webhook, count: int) -> list[dict]:
    """Return what arrived, when that is as much as expected."""
    wait_until(lambda: len(webhook.received) >= count)
    assert len(webhook.received) == count
    return webhook.received
