"""What the Live page shows: streams as they are now, sockets of every instance, and both over time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from pymongo.database import Database

from mixillo.blueprints.dashboard.charts import Chart, chart
from mixillo.blueprints.live.models import LIVE, PAUSED, STARTING
from mixillo.blueprints.live.queries import board
from mixillo.core import clock
from mixillo.ops.metrics import sampler_of
from mixillo.ops.metrics.sockets import reading
from mixillo.ops.metrics.sockets.reading import Sum

Document = dict[str, Any]
LAG_OVER = timedelta(minutes=15)
# What alerts hold the delivery lag against, in ms.
LAG_TARGET = 1_000
CHOICES = {board.NOW: "On the air", board.ANNOUNCED: "Announced", board.OVER: "Over"}
LOOKS = {
    LIVE: "ok", PAUSED: "degraded", STARTING: "running", "scheduled": "neutral", "ended": "neutral", "failed": "down",
}  # fmt: skip


@dataclass(frozen=True)
class Now:
    """Everything at a glance: ``lag`` in ms over the last quarter of an hour, ``None`` when nothing was told."""

    states: dict[str, int]
    viewers: int
    said: float
    instances: int
    sockets: int
    asked: float
    delivered: float
    lag: float | None
    told: int
    refused: int
    cut: int
    replayed: int

    @property
    def is_quiet(self) -> bool:
        """Whether nobody is on the air and nobody is connected."""
        return not sum(self.states.values()) and not self.sockets


def group_of(parameters: Mapping[str, str]) -> str:
    """Return the group of streams that the URL names; who is on the air where it names none."""
    asked = parameters.get("group", "")
    return asked if asked in CHOICES else board.NOW


def period_of(parameters: Mapping[str, str]) -> str:
    """Return the period that the URL names, or an hour: figures of sockets are kept for two days."""
    asked = parameters.get("period", "")
    return asked if asked in reading.OFFERED else reading.OFFERED[0]


def instances(ops: Database) -> list[Document]:
    """Return the figures of every instance: of this one as they are now, of others as they were last stored."""
    mine = sampler_of(current_app).sample()
    others = [each for each in reading.instances(ops) if each["instance"] != mine["instance"]]
    return [mine | {"isHere": True}, *others]


def now(ops: Database, streams: list[Document]) -> Now:
    """Return the figures of the first card from the ``streams`` on the air."""
    found = instances(ops)
    lately = reading.over(ops, LAG_OVER, clock.now())
    return Now(
        states={state: sum(stream["status"] == state for stream in streams) for state in (LIVE, PAUSED, STARTING)},
        viewers=sum(stream["currentViewers"] for stream in streams),
        said=sum(stream["messagesPerSecond"] for stream in streams),
        instances=len(found),
        sockets=sum(each["sockets"] for each in found),
        asked=sum(each["askedPerSecond"] for each in found),
        delivered=sum(each["deliveredPerSecond"] for each in found),
        lag=lately.lag(0.95),
        told=lately.told,
        refused=lately.counts["refused"] + lately.counts["limited"] + lately.counts["turnedAway"],
        cut=lately.counts["cut"],
        replayed=lately.counts["replayed"],
    )


def charts(ops: Database, period: str) -> dict[str, tuple[Chart, str]]:
    """Return sockets, deliveries and their lag over ``period``, each with its unit."""
    points = reading.timeline(ops, period)

    def drawn(unit: str, value: Callable[[Sum], float | None], target: float | None = None) -> tuple[Chart, str]:
        found = [(at, value(point) if point else None) for at, point in points]
        return chart(found, unit, end=clock.now(), target=target, nothing="No instance has told of its sockets."), unit

    return {
        "Sockets": drawn("sockets", lambda point: float(point.sockets)),
        "Deliveries per second": drawn("a second", reading.deliveries_per_second),
        "Delivery lag, p95": drawn("ms", lambda point: point.lag(0.95)),
    }
