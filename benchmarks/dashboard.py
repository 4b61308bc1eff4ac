"""The dashboard's pages on a million events and a month of counts: how fast they are, and what they weigh.

Cold is the first answer after a start, to 16 operators who ask at once; warm is what the same 16 see when they ask
again and again, each as soon as it has its answer.
"""

import gzip
import itertools
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.database import Database

from benchmarks import load, month
from benchmarks.report import Row
from benchmarks.server import Server, serving
from mixillo.blueprints.dashboard.access import PLAIN_COOKIE
from mixillo.blueprints.dashboard.services import operators, sessions
from mixillo.core import clock
from mixillo.ops import mongod

CONNECTIONS = 16
SECONDS = 4.0
PASSWORD = "a-long-and-unguessed-phrase"
GOAL_MS, GOAL_KB = 100, 100
START = "/ops"
# The longest of the periods that these pages offer.
PAGES_OF_A_MONTH = ("/ops?period=30d", "/ops/endpoints?period=30d", "/ops/uptime?period=30d")
FILE = re.compile(r'"(/ops/assets/[^"#]+)')
GZIP = b"\x1f\x8b"

Headers = dict[str, str]


def benchmark() -> list[Row]:
    """Return the rows of this part."""
    with tempfile.TemporaryDirectory() as scratch:
        fill(Path(scratch))
        return measure(Path(scratch))


def fill(place: Path) -> None:
    """Make a data directory with everything that pages show."""
    with serving(place) as server, _databases(server) as (database, ops):
        now = clock.now()
        month.events(database, now)
        month.counts(ops, now)
        month.surroundings(ops, now)
        _command(server, "integrity", "scan")
        _command(server, "probe")


def measure(place: Path) -> list[Row]:
    """Start the server anew, and ask for every page once before asking for each of them again and again."""
    with serving(place) as server, _databases(server) as (_, ops):
        headers = _sign_in(ops)
        paths = [*_pages(server, headers), *PAGES_OF_A_MONTH]
        cold = [_at_once(server, path, headers) for path in paths]
        return [_row(server, path, headers, first) for path, first in zip(paths, cold, strict=True)]


def _row(server: Server, path: str, headers: Headers, cold: load.Result) -> Row:
    requests = itertools.repeat(_request(path, headers))
    warm = load.run(server.url, requests, connections=CONNECTIONS, seconds=SECONDS)
    if failures := cold.failures + warm.failures:
        raise RuntimeError(f"{path}: {failures} answers were no success")
    return Row(
        f"GET {path}",
        f"warm {_times(warm)}, {warm.per_second:.0f}/s; cold {_times(cold)}; {_weight(server, path, headers):.0f} KB",
        goal=f"p95 ≤ {GOAL_MS} ms, ≤ {GOAL_KB} KB",
    )


def _times(result: load.Result) -> str:
    return f"p50 {result.percentile(0.5):.0f}, p95 {result.percentile(0.95):.0f} ms"


def _at_once(server: Server, path: str, headers: Headers) -> load.Result:
    return load.run_once(server.url, [_request(path, headers)] * CONNECTIONS, connections=CONNECTIONS)


def _request(path: str, headers: Headers) -> load.Request:
    return "GET", path, None, headers


def _pages(server: Server, headers: Headers) -> list[str]:
    """Return the pages that the navigation leads to."""
    navigation = re.search(r'<nav aria-label="Pages">.*?</nav>', _text(server, START, headers), re.S)
    return re.findall(r'<a href="([^"]+)"', navigation[0]) if navigation else []


def _weight(server: Server, path: str, headers: Headers) -> float:
    """Return the kilobytes that a browser with an empty cache receives for the page and its files."""
    files = set(FILE.findall(_text(server, path, headers)))
    return sum(len(_received(server, each, headers)) for each in (path, *files)) / 1024


def _text(server: Server, path: str, headers: Headers) -> str:
    page = _received(server, path, headers)
    return (gzip.decompress(page) if page.startswith(GZIP) else page).decode()


def _received(server: Server, path: str, headers: Headers) -> bytes:
    request = urllib.request.Request(f"{server.url}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        body: bytes = answer.read()
        return body


def _sign_in(ops: Database) -> Headers:
    """Return the headers of an administrator's browser."""
    admin = operators.create(
        ops, username="bench", email="bench@example.com", full_name="Bench", role="admin", password=PASSWORD
    )
    cookie = sessions.start(ops, admin, address="127.0.0.1", agent="bench")
    return {"Cookie": f"{PLAIN_COOKIE}={cookie}", "Accept-Encoding": "gzip"}


@contextmanager
def _databases(server: Server) -> Iterator[tuple[Database, Database]]:
    running = mongod.running(server.data_dir)
    if running is None:
        raise RuntimeError("the server brought no database along")
    client: MongoClient = MongoClient(running.uri, tz_aware=True)
    with client:
        yield client["mixillo"], client["mixillo_ops"]


def _command(server: Server, *arguments: str) -> None:
    """Run a command whose result pages show; what it finds does not matter here."""
    variables = {"MIXILLO_DATA_DIR": str(server.data_dir), "PORT": str(urlsplit(server.url).port)}
    subprocess.run(
        [sys.executable, "-m", "mixillo.cli", *arguments],
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        check=False,
    )
