"""Charts as the server draws them: points of an SVG, and the same in words for those who do not see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT = 600.0, 120.0
# Room above the highest point, so that the line does not touch the edge.
HEADROOM = 1.1
SHORTEST = 4.0


@dataclass(frozen=True)
class Marker:
    """A vertical line with a name: a revision that began."""

    x: float
    name: str
    at: datetime


@dataclass(frozen=True)
class Chart:
    """A line over time; ``lines`` are the stretches between gaps, each as the ``points`` of an SVG polyline."""

    lines: tuple[str, ...]
    top: float
    start: datetime | None
    end: datetime | None
    words: str
    target_y: float | None = None
    target: float | None = None
    markers: tuple[Marker, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.lines


def chart(
    points: Sequence[tuple[datetime, float | None]],
    unit: str,
    *,
    end: datetime,
    target: float | None = None,
    deployments: Sequence[tuple[datetime, str]] = (),
    nothing: str = "No requests in this period.",
) -> Chart:
    """Return the chart of ``points`` in time order up to ``end``; a value of ``None`` is a gap.

    ``unit`` stands behind the numbers in the words; ``nothing`` is what is said without any.
    """
    known = [value for _, value in points if value is not None]
    if not known:
        return Chart((), 0.0, None, None, nothing)
    start = points[0][0]
    top = max([*known, target or 0.0]) * HEADROOM or 1.0
    highest = max((value, at) for at, value in points if value is not None)
    gaps = sum(value is None for _, value in points)
    return Chart(
        lines=tuple(_stretches(points, top, end)),
        top=top,
        start=start,
        end=end,
        words=f"From {min(known):,.0f} to {highest[0]:,.0f} {unit}, highest at {highest[1]:%-d %b %H:%M} UTC, "
        f"last {known[-1]:,.0f} {unit}; {gaps} of {len(points)} points without data.",
        target_y=None if target is None else _y(target, top),
        target=target,
        markers=tuple(_markers(deployments, start, end)),
    )


def _stretches(points: Sequence[tuple[datetime, float | None]], top: float, end: datetime) -> list[str]:
    start = points[0][0]
    stretches: list[list[tuple[float, float]]] = [[]]
    for at, value in points:
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((_x(at, start, end), _y(value, top)))
    return [" ".join(f"{x:.1f},{y:.1f}" for x, y in _visible(found)) for found in stretches if found]


def _visible(found: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points of a line; a single one between two gaps gets a length, or nobody would see it."""
    return found if len(found) > 1 else [found[0], (found[0][0] + SHORTEST, found[0][1])]


def _markers(deployments: Sequence[tuple[datetime, str]], start: datetime, end: datetime) -> list[Marker]:
    return [Marker(round(_x(at, start, end), 1), name, at) for at, name in deployments if start <= at <= end]


def _x(at: datetime, start: datetime, end: datetime) -> float:
    return (at - start) / (end - start) * WIDTH if end > start else 0.0


def _y(value: float, top: float) -> float:
    return HEIGHT - value / top * HEIGHT
