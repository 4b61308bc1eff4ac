"""How much slower reads become as the data grows."""

import itertools
from collections.abc import Iterator

from pymongo import MongoClient

from benchmarks import load
from benchmarks.report import Row
from benchmarks.server import Server
from mixillo.ops import mongod

CONNECTIONS, SECONDS, WARM_UP_SECONDS = 4, 3.0, 1.5
# What else the machine does meanwhile makes one of them slower, never quicker.
TIMES = 3
GOAL = 1.3


def p95(server: Server, paths: list[str], headers: dict[str, str] | None = None) -> float:
    """Return the p95 in milliseconds of reading ``paths`` in turn, warm: that of the calmest of ``TIMES`` runs.

    :raises RuntimeError: an answer was no success.
    """
    _settle(server)
    requests: Iterator[load.Request] = (("GET", path, None, headers or {}) for path in itertools.cycle(paths))
    seconds = (WARM_UP_SECONDS, *(SECONDS for _ in range(TIMES)))
    warm_up, *results = (load.run(server.url, requests, connections=CONNECTIONS, seconds=each) for each in seconds)
    if failures := sum(result.failures for result in (warm_up, *results)):
        raise RuntimeError(f"{paths[0]}: {failures} answers were no success")
    return min(result.percentile(0.95) for result in results)


def rows(sizes: tuple[int, int], small: dict[str, float], large: dict[str, float]) -> Iterator[Row]:
    """Yield a row for each kind of request, from its p95 at both ``sizes``."""
    for what, before in small.items():
        after = large[what]
        yield Row(
            what,
            f"p95 {before:.1f} ms at {sizes[0]:,}, {after:.1f} ms at {sizes[1]:,}: {after / before:.2f} times",
            goal=f"≤ {GOAL} times",
        )


def _settle(server: Server) -> None:
    """Let the database write down what it holds now: it would do so later, beside the requests."""
    running = mongod.running(server.data_dir)
    assert running
    with MongoClient(running.uri) as client:
        client.admin.command("fsync")
