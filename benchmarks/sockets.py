"""Sockets: what each costs in memory, and how long it takes until the last one in a room has heard a thing.

The clients run in this process, the server in another; one worker.
"""

import asyncio
import re
import statistics
import time
from pathlib import Path
from typing import Any

import requests

from benchmarks import chat, people, swarm
from benchmarks.report import Row
from benchmarks.server import Server, serving

ROOMS = (500, 1_000)
HELD = 2_000
LINES = 40
GOALS = {500: "≤ 60 ms", 1_000: "≤ 250 ms"}
MOST_KB, MOST_MB = 160, 420


def benchmark() -> list[Row]:
    """Return the rows of this part."""
    with serving(dataset="none") as server:
        return asyncio.run(_measured(server))


async def _measured(server: Server) -> list[Row]:
    _, author = people.registered(server, "bench_author")
    _, watcher = people.registered(server, "bench_watcher")
    token = watcher["Authorization"].removeprefix("Bearer ")
    post = {"type": "video", "videoUrl": "https://cdn.example.com/a.mp4", "caption": "Made for the benchmark"}
    post_id = people.asked(server, "/api/content", post, author)["content"]["_id"]
    arrived: dict[int, float] = {}

    room = chat.begun(server, author)

    def heard(client: swarm.Client, event: str, payload: Any) -> None:
        if event == "video:like":
            arrived[id(client)] = time.perf_counter()
        room.heard(client, event, payload)

    idle, rows, clients = _resident(server), [], []
    for size in ROOMS:
        more = await swarm.opened(server.url, [token] * (size - len(clients)), heard)
        for client in more:
            await client.ask("video:join", post_id)
        await room.come(more)
        clients += more
        rows.append(await room.measured(clients, GOALS[size]))
        rows.append(await _fan_out(server, clients, arrived, f"/api/content/{post_id}/like", author))
    clients += await swarm.opened(server.url, [token] * (HELD - len(clients)), heard)
    held = _resident(server)
    rows += [
        Row("memory of the worker, idle", f"{idle:.0f} MB", "≤ 110 MB"),
        Row(f"memory of the worker with {HELD:,} sockets", f"{held:.0f} MB", f"≤ {MOST_MB} MB"),
        Row("memory of a socket", f"{(held - idle) / HELD * 1024:.0f} KB", f"≤ {MOST_KB} KB"),
    ]
    for client in clients:
        client.close()
    return rows


async def _fan_out(
    server: Server, clients: list[swarm.Client], arrived: dict[int, float], path: str, author: people.Headers
) -> Row:
    """Like and unlike a post that all ``clients`` look at, and see when the last of them has heard of it."""

    def like() -> None:
        requests.post(f"{server.url}{path}", headers=author, timeout=30).raise_for_status()

    times = [
        await swarm.fan_out(clients, arrived, lambda: asyncio.get_running_loop().run_in_executor(None, like))
        for _ in range(LINES)
    ]
    shown = f"median {statistics.median(times):.0f} ms, worst of {LINES} {max(times):.0f} ms"
    return Row(f"from a like to the last of {len(clients):,} who look", shown, GOALS[len(clients)])


def _resident(server: Server) -> float:
    """Return the resident memory of the worker, in megabytes."""
    status = Path(f"/proc/{server.worker}/status").read_text("utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else float("nan")
