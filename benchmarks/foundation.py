"""Starting, trivial routes, and reads while many people sign in."""

import tempfile
import threading
from pathlib import Path

from benchmarks import load
from benchmarks.report import Row
from benchmarks.server import Server, serving

PASSWORD = "a-long-and-unguessed-phrase"
PEOPLE = 100


def benchmark() -> list[Row]:
    """Return the rows of this part."""
    with tempfile.TemporaryDirectory() as scratch:
        with serving(Path(scratch)) as first:
            rows = [Row("first start, dataset report", f"{first.start_seconds:.2f} s")]
        with serving(Path(scratch)) as server:
            rows.append(Row("second start", f"{server.start_seconds:.2f} s", goal="< 5 s"))
            rows += _trivial(server) + _sign_in_storm(server)
    return rows


def _trivial(server: Server) -> list[Row]:
    rows = []
    for path in ("/health", "/api/health/db", "/api/users"):
        load.run(server.url, load.get(path), connections=16, seconds=1)
        result = load.run(server.url, load.get(path), connections=16, seconds=4)
        shown = f"{result.per_second:,.0f}/s, p95 {result.percentile(0.95):.1f} ms, {result.failures} failed"
        rows.append(Row(f"GET {path}, 16 connections", shown))
    return rows


def _sign_in_storm(server: Server) -> list[Row]:
    quiet = load.run(server.url, load.get("/health"), connections=1, seconds=3)
    people = [{"username": f"bench_{n}", "email": f"bench_{n}@example.com"} for n in range(PEOPLE)]
    registrations: list[load.Request] = [
        ("POST", "/api/auth/register", person | {"password": PASSWORD, "fullName": "Bench"}, _from(n))
        for n, person in enumerate(people)
    ]
    logins: list[load.Request] = [
        ("POST", "/api/auth/login", {"identifier": person["username"], "password": PASSWORD}, _from(n))
        for n, person in enumerate(people)
    ]
    storms: list[load.Result] = []

    def storm() -> None:
        storms.append(load.run_once(server.url, registrations, connections=PEOPLE))
        storms.append(load.run_once(server.url, logins, connections=PEOPLE))

    thread = threading.Thread(target=storm)
    thread.start()
    busy = load.Result(0.0)
    while thread.is_alive():
        part = load.run(server.url, load.get("/health"), connections=1, seconds=0.2)
        busy.latencies += part.latencies
    thread.join()
    failures = sum(storm.failures for storm in storms)
    return [
        Row("GET /health, nothing else going on", f"p95 {quiet.percentile(0.95):.1f} ms"),
        Row(
            f"GET /health during {PEOPLE} registrations and {PEOPLE} logins in parallel",
            f"p95 {busy.percentile(0.95):.1f} ms, {failures} failed",
            goal="p95 < 50 ms",
        ),
        Row(
            "registrations and logins meanwhile",
            " and ".join(f"{storm.per_second:.0f}/s" for storm in storms),
        ),
    ]


def _from(number: int) -> dict[str, str]:
    """Return the headers of a client of its own, as a proxy would tell it."""
    return {"X-Forwarded-For": f"198.51.100.{number}"}
