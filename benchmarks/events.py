"""Events in batches of 500 to one worker: how many a second, and what is in the way of more.

The events are made before the clock runs, and each has an id of its own, as clients send them. Beside the rate stand
the processor's seconds that the worker and the database took for it, of which there is one core for each here: whoever
is near 100 % bounds the rate. The same batches without the schema's short cut, and the parts of a batch, are measured
in this process.
"""

import http.client
import os
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import bson
import orjson
from pymongo import MongoClient

from benchmarks.report import Row
from benchmarks.server import Server, serving
from mixillo.blueprints.analytics.schemas.given import MOST_EVENTS, BatchSchema, EventSchema
from mixillo.core import clock, json
from mixillo.ops import mongod

SECONDS, CONNECTIONS, AIM = 20.0, 4, 10_000
TICKS = os.sysconf("SC_CLK_TCK")
KINDS = ("page_view", "product_view", "like", "product_search", "stream_join")
_numbers = count(1)


def benchmark() -> list[Row]:
    """Return the rows of this part."""
    with TemporaryDirectory() as scratch, serving(Path(scratch), "none") as server:
        running = mongod.running(server.data_dir)
        if running is None:
            raise RuntimeError("the server brought no database along")
        sent, seconds, used = _sent(server, running.pid)
        with MongoClient(running.uri) as client:
            stored = client["mixillo"]["eventtrackings"].count_documents({})
    rate = sent / seconds
    return [
        Row("events acknowledged per second, batches of 500", f"{rate:,.0f}", f"{AIM:,}"),
        Row("acknowledged events that are stored", f"{stored:,} of {sent:,}", "all"),
        *(Row(f"processor of the {name}", f"{100 * spent / seconds:.0f} % of a core") for name, spent in used.items()),
        *_parts(),
    ]


def batch() -> bytes:
    """Return the body of a request."""
    return orjson.dumps({"events": [_event(next(_numbers)) for _ in range(MOST_EVENTS)]})


def _event(number: int) -> dict[str, Any]:
    return {
        "eventId": f"0f8fad5b-d9cb-469f-a165-{number:012d}", "eventType": KINDS[number % len(KINDS)],
        "timestamp": clock.timestamp(clock.now()), "sessionId": f"s-{number // 20}",
        "relatedEntities": {"productId": f"{number:024x}"}, "device": {"type": "mobile", "os": "iOS"},
        "location": {"country": "Portugal"}, "duration": 12.5, "metadata": {"path": f"/product/{number % 500}"},
    }  # fmt: skip


def _sent(server: Server, database_pid: int) -> tuple[int, float, dict[str, float]]:
    """Send batches for some seconds; return how many events were acknowledged, and who used how much processor."""
    bodies = [[batch() for _ in range(int(2 * AIM / MOST_EVENTS * SECONDS / CONNECTIONS))] for _ in range(CONNECTIONS)]
    pids = {"worker": server.worker, "database": database_pid}
    before = {name: _processor(pid) for name, pid in pids.items()}
    acknowledged: list[int] = []
    started = time.perf_counter()
    threads = [
        threading.Thread(target=_send, args=(server.url, each, started + SECONDS, acknowledged)) for each in bodies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    return sum(acknowledged), seconds, {name: _processor(pid) - before[name] for name, pid in pids.items()}


def _send(url: str, bodies: list[bytes], until: float, acknowledged: list[int]) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "localhost", parts.port, timeout=60)
    for body in bodies:
        if time.perf_counter() > until:
            break
        connection.request("POST", "/api/events", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = orjson.loads(answer.read())
        if answer.status == 202:
            acknowledged.append(told["data"]["accepted"])
    connection.close()


def _parts() -> list[Row]:
    """Return what a batch costs in one process: read, checked by either way, encoded."""
    body = batch()
    events = json.loads(body)
    loaded = BatchSchema().load(events)["events"]
    parts: dict[str, Callable[[], Any]] = {
        "JSON, read strictly": lambda: json.loads(body),
        "checked": lambda: BatchSchema().load(events),
        "checked by the schema alone": lambda: EventSchema(many=True).load(events["events"]),
        "encoded for the database": lambda: [bson.encode(event) for event in loaded],
    }
    return [Row(f"µs an event: {name}", f"{_best(part) / MOST_EVENTS * 1e6:.1f}") for name, part in parts.items()]


def _best(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(7):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def _processor(pid: int) -> float:
    """Return how many seconds of processor a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
