"""How the service is, in one sentence: the first thing an operator reads."""

from collections.abc import Iterator
from dataclasses import dataclass

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.measuring import Measured
from mixillo.blueprints.dashboard.queries.server import STANDALONE, Server
from mixillo.blueprints.dashboard.queries.service import Finding, Service
from mixillo.ops.database import DatabaseStats
from mixillo.ops.machine import Memory
from mixillo.ops.migrations import APPLIED, PENDING, Status

OK, DEGRADED, DOWN = "ok", "degraded", "down"
WORDS = {OK: "All is well", DEGRADED: "Degraded", DOWN: "Down"}
LATENCY_TARGET_MS = 100.0
MEMORY_TARGET = 0.9


@dataclass(frozen=True)
class Verdict:
    """The state of the service; ``sentence`` goes on from the word for it."""

    state: str
    sentence: str
    findings: tuple[Finding, ...] = ()

    @property
    def word(self) -> str:
        """The state as a person would say it."""
        return WORDS[self.state]


def judge(
    server: Measured, stats: Measured, migrations: Measured, memory: Memory, measures: Measured | None = None
) -> Verdict:
    """Return the verdict on figures that were just measured; ``measures`` are those of the service."""
    service: Service | None = measures.value if measures else None
    if server.problem:
        since = f" since {server.since:%H:%M:%S} UTC" if server.since else ""
        advice = "Look at the database server and at MONGODB_URI; this page goes on by itself when it is back."
        return Verdict(DOWN, f"the database does not answer{since}.", (Finding(server.problem, advice),))
    findings = (
        *(service.findings() if service else ()),
        *_server(server.value),
        *_memory(memory),
        *_migrations(migrations.value or []),
    )
    if findings:
        return Verdict(DEGRADED, "; ".join(finding.what for finding in findings) + ".", findings)
    return Verdict(OK, _answered(service) + _calm(server.value, stats.value, memory))


def _server(server: Server) -> Iterator[Finding]:
    if server.latency_ms > LATENCY_TARGET_MS:
        taken = formats.milliseconds(server.latency_ms)
        yield Finding(
            f"the database takes {taken} to answer, target {formats.milliseconds(LATENCY_TARGET_MS)}",
            "See whether it is busy, and whether it runs in this region.",
        )
    if server.state == STANDALONE:
        yield Finding(
            "the database is not a replica set",
            "Transactions and live figures need one; a single node will do (--replSet).",
        )


def _memory(memory: Memory) -> Iterator[Finding]:
    if memory.share >= MEMORY_TARGET:
        yield Finding(
            f"memory stands at {formats.percent(memory.share)} of {formats.size(memory.available)}",
            "Give the instance more memory or let fewer sockets onto it before it is killed.",
        )


def _migrations(migrations: list[Status]) -> Iterator[Finding]:
    pending = sum(status.state == PENDING for status in migrations)
    broken = [status.name for status in migrations if status.state not in (APPLIED, PENDING)]
    if pending:
        yield Finding(f"{formats.plural(pending, 'migration')} pending", "Run mixillo db migrate.")
    if broken:
        yield Finding(f"{', '.join(broken)} did not end well", "Run mixillo db status, then mixillo db migrate.")


def _answered(service: Service | None) -> str:
    if service is None or not service.requests.requests:
        return ""
    answered = formats.plural(service.requests.requests, "request")
    return f"{answered} in the last hour, {formats.percent(service.requests.error_rate or 0.0)} server errors, "


def _calm(server: Server, stats: DatabaseStats | None, memory: Memory) -> str:
    holds = ""
    if stats:
        collections = formats.plural(len(stats.collections), "collection")
        holds = f"{collections} with {formats.plural(stats.documents, 'document')}, "
    return (
        f"the database answers in {formats.milliseconds(server.latency_ms)}, {holds}"
        f"memory stands at {formats.percent(memory.share)} of {formats.size(memory.available)}."
    )
