"""What counting costs, and how fast the counts of 30 days are read."""

import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from pymongo import MongoClient
from pymongo.database import Database
from werkzeug.test import create_environ

from benchmarks import load, month
from benchmarks.report import Row
from benchmarks.server import Server, serving
from mixillo import create_app
from mixillo.config import TEST, Settings
from mixillo.core import clock
from mixillo.ops import metrics, migrations
from mixillo.ops.metrics.recording import Recorder
from mixillo.ops.mongod import Mongod, find_program

PAIRS = 12
SECONDS = 2.0
SLICES, CALLS = 60, 200
# A worker answers about 2,700 trivial requests per second on one core.
SERVED_MICROSECONDS = 1e6 / 2_700
ALLOWED = 0.03


def benchmark() -> list[Row]:
    """Return the rows of this part."""
    return [_one_count(), _one_request(), *_throughput(), *_queries()]


def _one_count() -> Row:
    recorder, rounds = Recorder(), 200_000
    started = time.process_time()
    for _ in range(rounds):
        recorder.count("/health", "GET", 200, 1.5)
    return Row("counting one request", f"{(time.process_time() - started) / rounds * 1e6:.2f} µs of CPU")


def _one_request() -> Row:
    """Call the application itself with and without metrics in turn, and compare the CPU time that each took."""
    apps = [_application(metrics=False), _application(metrics=True)]
    pairs = [[_calls(app) for app in apps] for _ in range(SLICES)]
    without, with_metrics = (statistics.median(side) for side in zip(*pairs, strict=True))
    added = statistics.median(on - off for off, on in pairs)
    return Row(
        "GET /health inside the application, metrics off : on",
        f"{without:.1f} : {with_metrics:.1f} µs of CPU, {added:+.1f} µs",
        goal=f"≤ {ALLOWED * SERVED_MICROSECONDS:.0f} µs, 3 % of what a worker needs for it",
    )


def _application(*, metrics: bool) -> Flask:
    return create_app(
        Settings(
            environment=TEST,
            mongodb_uri="mongodb://127.0.0.1:1/bench",
            worker="gthread",
            access_log=False,
            rate_limit="off",
            metrics=metrics,
            jwt_secret="a" * 40,
            jwt_refresh_secret="b" * 40,
        )
    )


def _calls(app: Flask) -> float:
    """Return the microseconds of CPU that one call took."""
    started = time.process_time()
    for _ in range(CALLS):
        environ = create_environ("/health", "http://localhost")
        b"".join(app.wsgi_app(environ, lambda *_arguments: lambda _data: None))
    return (time.process_time() - started) / CALLS * 1e6


def _throughput() -> list[Row]:
    """Run two servers, with and without metrics, and measure them in turn: what disturbs one disturbs both."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(serving(MIXILLO_METRICS=switch, MIXILLO_ACCESS_LOG="off")) for switch in ("off", "on")
        ]
        for server in servers:
            _measure(server)
        pairs = [(_measure(servers[0]), _measure(servers[1])) for _ in range(PAIRS)]
    without, with_metrics = (statistics.median(side) for side in zip(*pairs, strict=True))
    cost = statistics.median(1 - on / off for off, on in pairs)
    shown = ", ".join(f"{off:,.0f}:{on:,.0f}" for off, on in pairs)
    return [
        Row("GET /health, metrics off : on", f"{without:,.0f}/s : {with_metrics:,.0f}/s"),
        Row("cost, median of the pairs", f"{cost:.1%} ({shown})", goal="≤ 3 %"),
    ]


def _measure(server: Server) -> float:
    return load.run(server.url, load.get("/health"), connections=8, seconds=SECONDS).per_second


def _queries() -> list[Row]:
    with TemporaryDirectory() as scratch:
        server = Mongod(Path(scratch), find_program(""))
        server.start()
        try:
            with MongoClient(server.uri_of("bench"), tz_aware=True) as client:
                ops = client["bench_ops"]
                migrations.upgrade(client["bench"], ops)
                month.counts(ops, clock.now())
                return _timed(ops)
        finally:
            server.stop()


def _timed(ops: Database) -> list[Row]:
    questions = {
        "p95 of one series over 30 days, from 720 hourly documents": lambda: metrics.timeline(ops, "30d"),
        "p95 of one route over 30 days": lambda: metrics.latency(ops, "30d", route="GET /api/things7"),
        "all groups over 30 days": lambda: metrics.by_group(ops, "30d"),
        f"all {month.ROUTES} routes over 24 hours": lambda: metrics.by_route(ops, "24h"),
        f"all {month.ROUTES} routes over 30 days": lambda: metrics.by_route(ops, "30d"),
    }
    goals = ["< 10 ms", "", "", "", ""]
    rows = []
    for (what, ask), goal in zip(questions.items(), goals, strict=True):
        ask()
        times = []
        for _ in range(15):
            started = time.perf_counter()
            ask()
            times.append((time.perf_counter() - started) * 1000)
        rows.append(Row(what, f"median {statistics.median(times):.1f} ms", goal=goal))
    return rows
