"""The Overview's measures: how the service does against its targets, and since when it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.ops import alerts, revisions
from mixillo.ops.integrity import scan
from mixillo.ops.metrics import queries
from mixillo.ops.metrics.figures import Figures
from mixillo.ops.metrics.groups import BY_NAME, ERROR_TARGET, MINIMUM_REQUESTS
from mixillo.ops.metrics.levels import ALL
from mixillo.ops.probes import history as probes
from mixillo.ops.uptime import Bar, Uptime, bars, uptime

PERIOD = "1h"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be, and what to do about it."""

    what: str
    advice: str


@dataclass(frozen=True)
class Service:
    """The measures of the last hour and the latest runs; ``None`` where nothing was measured yet."""

    uptime: Uptime
    bars: list[Bar]
    groups: dict[str, Figures]
    late_since: dict[str, datetime]
    deployments: list[tuple[datetime, str]]
    probes: dict[str, Any] | None
    scan: dict[str, Any] | None
    alerts: list[dict[str, Any]]

    @property
    def requests(self) -> Figures:
        """The figures of everything."""
        return self.groups[ALL]

    @property
    def worst(self) -> Figures | None:
        """The group whose p95 stands worst against its target, of those with requests enough."""
        judged = [f for f in self._judged().values() if f.p95 is not None and f.target]
        return max(judged, key=lambda f: (f.p95 or 0.0) / (f.target or 1), default=None)

    def name_of(self, figures: Figures) -> str:
        """Return the title of a group."""
        return next(BY_NAME[name].title for name, found in self.groups.items() if found is figures and name != ALL)

    def findings(self) -> Iterator[Finding]:
        """Yield what is not as it should be, the most urgent first."""
        yield from self._errors()
        yield from self._latencies()
        yield from self._latest_runs()
        if self.alerts:
            yield Finding(f"{formats.plural(len(self.alerts), 'alert')} firing", "Open Alerts: each says what to do.")

    def _judged(self) -> dict[str, Figures]:
        return {n: f for n, f in self.groups.items() if n != ALL and f.requests >= MINIMUM_REQUESTS}

    def _errors(self) -> Iterator[Finding]:
        rate = self.requests.error_rate
        if rate is not None and rate >= ERROR_TARGET and self.requests.requests >= MINIMUM_REQUESTS:
            yield Finding(
                f"{formats.percent(rate)} of the last hour's answers were server errors, target "
                f"{formats.percent(ERROR_TARGET)}",
                "Open Endpoints, sort by errors; the log has the request ids.",
            )

    def _latencies(self) -> Iterator[Finding]:
        for name, figures in self._judged().items():
            if figures.meets_target is False and figures.p95 and figures.target:
                since = self.late_since.get(name)
                yield Finding(
                    f"{BY_NAME[name].title.lower()} p95 {formats.milliseconds(figures.p95)}, target "
                    f"{formats.milliseconds(figures.target)}" + (self._began(since) if since else ""),
                    "Open Endpoints and look at the slow requests of that group.",
                )

    def _began(self, since: datetime) -> str:
        running = [name for at, name in self.deployments if at <= since]
        return f", since {since:%H:%M} UTC" + (f", revision {running[-1]}" if running else "")

    def _latest_runs(self) -> Iterator[Finding]:
        if self.probes and self.probes["passing"] < self.probes["judged"]:
            failing = self.probes["judged"] - self.probes["passing"]
            yield Finding(
                f"{failing} of {formats.plural(self.probes['judged'], 'endpoint')} fail their probes",
                "Open Probes: every failing case says what was expected and what came.",
            )
        if self.scan and self.scan["issues"]:
            yield Finding(
                f"{formats.plural(self.scan['issues'], 'document')} refer to something that does not exist",
                "Open Integrity, plan what to do about them; it can be undone.",
            )


def ask(ops: Database) -> Service:
    """Return the measures; nothing is scanned for it."""
    groups = queries.by_group(ops, PERIOD)
    late = [name for name, figures in groups.items() if figures.meets_target is False]
    timelines = {name: queries.timeline(ops, "24h", group=name) for name in late}
    start = next((points[0][0] for points in timelines.values() if points), None)
    return Service(
        uptime=uptime(ops, "24h"),
        bars=bars(ops, "24h"),
        groups=groups,
        late_since={name: since for name, points in timelines.items() if (since := _late_since(points))},
        deployments=revisions.markers(ops, start) if start else [],
        probes=probes.latest(ops),
        scan=scan.latest(ops),
        alerts=alerts.open_alerts(ops),
    )


def _late_since(points: list[tuple[datetime, Figures]]) -> datetime | None:
    """Return when the present stretch of missed targets began; points without requests neither end nor begin it."""
    since = None
    for at, figures in reversed(points):
        if figures.meets_target:
            break
        if figures.meets_target is False:
            since = at
    return since
