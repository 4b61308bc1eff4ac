"""The Endpoints page: what the counts say of groups and routes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pymongo.database import Database

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.charts import Chart, chart
from mixillo.blueprints.dashboard.tables import Column, Table, number
from mixillo.ops import revisions
from mixillo.ops.metrics import queries
from mixillo.ops.metrics.figures import Figures

BUSIEST_FIRST = "-requests"
UNKNOWN = "—"


@dataclass(frozen=True)
class Route:
    """One route with its figures, computed once for sorting, showing and exporting."""

    name: str
    requests: int
    errors: int
    error_rate: float
    client_errors: int
    p50: float
    p95: float
    p99: float
    target: int | None
    under_target: float | None

    @classmethod
    def of(cls, name: str, figures: Figures) -> "Route":
        """Return the row of a route that was called."""
        classes = figures.classes
        return cls(
            name=name,
            requests=figures.requests,
            errors=classes[5],
            error_rate=figures.error_rate or 0.0,
            client_errors=classes[4],
            p50=figures.p50 or 0.0,
            p95=figures.p95 or 0.0,
            p99=figures.p99 or 0.0,
            target=figures.target,
            under_target=figures.under_target,
        )


COLUMNS = (
    Column("route", "Route", lambda r: r.name, lambda r: r.name, numeric=False),
    number("requests", "Requests", lambda r: r.requests),
    number("errors", "5xx", lambda r: r.errors, "Answers that were our fault"),
    Column("errorRate", "Error rate", lambda r: r.error_rate, lambda r: formats.percent(r.error_rate)),
    number("clientErrors", "4xx", lambda r: r.client_errors, "Answers to bad or unauthorised requests"),
    Column("p50Ms", "p50", lambda r: r.p50, lambda r: formats.milliseconds(r.p50)),
    Column("p95Ms", "p95", lambda r: r.p95, lambda r: formats.milliseconds(r.p95)),
    Column("p99Ms", "p99", lambda r: r.p99, lambda r: formats.milliseconds(r.p99)),
    Column(
        "targetMs",
        "Target",
        lambda r: r.target or 0,
        lambda r: formats.milliseconds(r.target) if r.target else UNKNOWN,
        hint="What p95 should stay below, by the route's group",
    ),
    Column(
        "underTarget",
        "Under target",
        lambda r: -1.0 if r.under_target is None else r.under_target,
        lambda r: UNKNOWN if r.under_target is None else formats.percent(r.under_target),
        hint="The exact share of requests faster than the target",
    ),
)


def routes(ops: Database, period: str) -> list[Route]:
    """Return every route that was called in ``period``."""
    return [Route.of(f"{method} {rule}", figures) for (method, rule), figures in queries.by_route(ops, period).items()]


def table(rows: list[Route], parameters: Mapping[str, str]) -> Table:
    """Return the routes as the request wants them, the busiest first unless it says."""
    return Table.of("routes", COLUMNS, rows, order=BUSIEST_FIRST, parameters=parameters)


def latency_chart(ops: Database, period: str, group: str | None = None) -> Chart:
    """Return p95 over ``period`` with the deployments in it."""
    return _chart(ops, queries.timeline(ops, period, group=group), "ms", lambda figures: figures.p95)


def traffic_chart(ops: Database, period: str) -> Chart:
    """Return the requests over ``period`` with the deployments in it; a stretch without any is a gap."""
    return _chart(ops, queries.timeline(ops, period), "requests", lambda figures: figures.requests or None)


def _chart(
    ops: Database,
    points: list[tuple[datetime, Figures]],
    unit: str,
    value: Callable[[Figures], float | None],
) -> Chart:
    (since, first), (_, last) = points[0], points[-1]
    return chart(
        [(at, value(figures)) for at, figures in points],
        unit,
        end=last.until,
        target=first.target,
        deployments=revisions.markers(ops, since),
    )
