"""A line of a chat: how long it takes from saying it until the last one in the room has heard it."""

import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from benchmarks import people, swarm
from benchmarks.report import Row
from benchmarks.server import Server

HEARD = "live:message"
LINES, BEFORE = 60, 10
CLOCK_TICKS = 100


@dataclass
class Chat:
    """A stream that clients come to, and who of them has heard the last line when."""

    server: Server
    stream_id: str
    arrived: dict[int, float] = field(default_factory=dict)

    def heard(self, client: swarm.Client, event: str, _payload: Any) -> None:
        """Take note of what a client hears."""
        if event == HEARD:
            self.arrived[id(client)] = time.perf_counter()

    async def come(self, clients: list[swarm.Client]) -> None:
        """Let them into the room."""
        for client in clients:
            await client.ask("live:join", {"livestreamId": self.stream_id})

    async def measured(self, clients: list[swarm.Client], goal: str) -> Row:
        """Say lines, one after another has arrived, and return the row for the room as it is."""
        times, acknowledged = [], []

        async def say() -> None:
            started = time.perf_counter()
            answer = await clients[0].ask("live:chat", {"livestreamId": self.stream_id, "text": "Hello everybody"})
            acknowledged.append((time.perf_counter() - started) * 1000)
            assert answer["ok"], answer

        for _ in range(BEFORE):
            await swarm.fan_out(clients, self.arrived, say)
        acknowledged.clear()
        used = _processor_ms(self.server.worker)
        for _ in range(LINES):
            times.append(await swarm.fan_out(clients, self.arrived, say))
        used = (_processor_ms(self.server.worker) - used) / LINES
        shown = (
            f"median {statistics.median(times):.0f} ms, p95 {_p95(times):.0f} ms; acknowledged after "
            f"{statistics.median(acknowledged):.0f} ms; {used:.0f} ms of the worker's processor"
        )
        return Row(f"from a line to the last of {len(clients):,} in the chat", shown, goal)


def begun(server: Server, host: people.Headers) -> Chat:
    """Let a host go on the air."""
    body = {"title": "Made for the benchmark", "provider": "webrtc"}
    answer = requests.post(f"{server.url}/api/live/start", json=body, headers=host, timeout=30)
    answer.raise_for_status()
    return Chat(server, answer.json()["data"]["livestream"]["_id"])


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def _processor_ms(pid: int) -> float:
    """Return the processor time that a process has used, in milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / CLOCK_TICKS
