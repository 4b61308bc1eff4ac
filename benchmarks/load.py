"""A closed-loop load generator over keep-alive connections, and what it saw."""

import http.client
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

Request = tuple[str, str, dict[str, Any] | None, dict[str, str]]


@dataclass
class Result:
    """Latencies in seconds of one run, and how many answers were not a success."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds below which ``share`` of the answers came."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


def run(base_url: str, requests: Iterator[Request], *, connections: int, seconds: float) -> Result:
    """Send ``requests`` over ``connections`` connections for ``seconds``, each waiting for its answer."""
    stop = time.perf_counter() + seconds
    return _run(base_url, requests, connections, lambda: time.perf_counter() < stop)


def run_once(base_url: str, requests: list[Request], *, connections: int) -> Result:
    """Send each of ``requests`` once over ``connections`` connections."""
    return _run(base_url, iter(requests), connections, lambda: True)


def get(path: str, token: str | None = None) -> Iterator[Request]:
    """Return an endless supply of one GET request."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return itertools.repeat(("GET", path, None, headers))


def _run(base_url: str, requests: Iterator[Request], connections: int, goes_on: Callable[[], bool]) -> Result:
    lock, results = threading.Lock(), [Result(0.0) for _ in range(connections)]

    def following() -> Request | None:
        with lock:
            return next(requests, None) if goes_on() else None

    started = time.perf_counter()
    threads = [threading.Thread(target=_client, args=(base_url, following, result)) for result in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Result(
        time.perf_counter() - started,
        [latency for result in results for latency in result.latencies],
        sum(result.failures for result in results),
    )


def _client(base_url: str, following: Callable[[], Request | None], result: Result) -> None:
    parts = urlsplit(base_url)
    connection = http.client.HTTPConnection(parts.hostname or "localhost", parts.port, timeout=60)
    while request := following():
        method, path, body, headers = request
        started = time.perf_counter()
        connection.request(
            method,
            path,
            orjson.dumps(body) if body is not None else None,
            headers | ({"Content-Type": "application/json"} if body is not None else {}),
        )
        answer = connection.getresponse()
        answer.read()
        result.latencies.append(time.perf_counter() - started)
        result.failures += not 200 <= answer.status < 300
    connection.close()
