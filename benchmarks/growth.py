"""How much slower reads become as the data grows."""

import itertools
from collections.abc import Iterator

from benchmarks import load
from benchmarks.report import Row
from benchmarks.server import Server

CONNECTIONS, SECONDS = 4, 6.0
GOAL = 1.3


def p95(server: Server, paths: list[str], headers: dict[str, str] | None = None) -> float:
    """Return the p95 in milliseconds of reading ``paths`` in turn, warm.

    :raises RuntimeError: an answer was no success.
    """
    requests: Iterator[load.Request] = (("GET", path, None, headers or {}) for path in itertools.cycle(paths))
    warm_up = load.run(server.url, requests, connections=CONNECTIONS, seconds=1.5)
    result = load.run(server.url, requests, connections=CONNECTIONS, seconds=SECONDS)
    if failures := warm_up.failures + result.failures:
        raise RuntimeError(f"{paths[0]}: {failures} answers were no success")
    return result.percentile(0.95)


def rows(sizes: tuple[int, int], small: dict[str, float], large: dict[str, float]) -> Iterator[Row]:
    """Yield a row for each kind of request, from its p95 at both ``sizes``."""
    for what, before in small.items():
        after = large[what]
        yield Row(
            what,
            f"p95 {before:.1f} ms at {sizes[0]:,}, {after:.1f} ms at {sizes[1]:,}: {after / before:.2f} times",
            goal=f"≤ {GOAL} times",
        )
