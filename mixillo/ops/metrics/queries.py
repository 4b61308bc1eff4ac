"""What the counts say: requests, errors and latencies of a route, a group or all, over a period.

Every function takes ``ops`` (the technical database) and the name of a period (``1h``, ``24h``, ``7d``, ``30d``).
``now`` ends the period at another moment than the present one.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pymongo.database import Database

from mixillo.core import clock
from mixillo.ops.metrics.figures import Figures
from mixillo.ops.metrics.groups import BY_NAME, TARGETED, group_of
from mixillo.ops.metrics.levels import ALL, PERIODS, Span, Window, cover, floor, window
from mixillo.ops.metrics.recording import METHODS, OTHER_METHOD
from mixillo.ops.metrics.storing import SLOW_REQUESTS

READ = {"_id": 0, "series": 1, "counts": 1, "ms": 1}


def latency(
    ops: Database,
    period: str,
    *,
    route: str | None = None,
    group: str | None = None,
    revision: str | None = None,
    now: datetime | None = None,
) -> Figures:
    """Return the figures of one route, of one group, or of everything.

    ``route`` is ``GET /api/users`` or a template alone, which stands for all its methods; the target is the group's.
    """
    wanted = window(PERIODS[period], now, clock.now())
    revisions = {"revision": revision} if revision else {}
    return over(ops, wanted, _series(route, group), revisions, target=_target(route, group))


def over(
    ops: Database, wanted: Window, series: Any, revisions: dict[str, Any] | None = None, *, target: int | None = None
) -> Figures:
    """Return the figures of ``series`` (a name, or a filter of names) over any window."""
    figures = Figures(wanted.start, wanted.end or clock.now(), target)
    for document in _documents(ops, wanted, {"series": series} | (revisions or {})):
        figures.add(document)
    return figures


def by_group(ops: Database, period: str, *, now: datetime | None = None) -> dict[str, Figures]:
    """Return the figures of every group with a target, by its name, and those of ``all``."""
    wanted = window(PERIODS[period], now, clock.now())
    until = wanted.end or clock.now()
    found = {ALL: Figures(wanted.start, until)}
    found |= {group.name: Figures(wanted.start, until, group.target) for group in TARGETED}
    names = {"series": {"$in": [ALL, *(f"group:{group.name}" for group in TARGETED)]}}
    for document in _documents(ops, wanted, names):
        found[document["series"].removeprefix("group:")].add(document)
    return found


def by_route(ops: Database, period: str, *, now: datetime | None = None) -> dict[tuple[str, str], Figures]:
    """Return the figures of every route that was called, by ``(method, template)``."""
    wanted = window(PERIODS[period], now, clock.now())
    until = wanted.end or clock.now()
    found: dict[tuple[str, str], Figures] = {}
    for document in _documents(ops, wanted, {}):
        method, is_route, rule = document["series"].partition(" ")
        if not is_route:
            continue
        figures = found.get((method, rule))
        if figures is None:
            target = group_of(rule).target
            figures = found[(method, rule)] = Figures(wanted.start, until, target)
        figures.add(document)
    return found


def timeline(
    ops: Database,
    period: str,
    *,
    route: str | None = None,
    group: str | None = None,
    revision: str | None = None,
    now: datetime | None = None,
) -> list[tuple[datetime, Figures]]:
    """Return at most 120 points of a chart: the start of each and its figures.

    A point without requests has 0 requests and ``None`` for rates and latencies: a gap, not a zero.
    The first point begins with the window, so that the points add up to what :func:`latency` says.
    """
    chosen = PERIODS[period]
    wanted = window(chosen, now, clock.now())
    until = wanted.end or clock.now()
    points: dict[datetime, Figures] = {}
    at = floor(wanted.start, chosen.point)
    while at < until:
        start, end = max(at, wanted.start), min(at + chosen.point, until)
        points[at] = Figures(start, end, _target(route, group))
        at += chosen.point
    where = {"series": _series(route, group)} | ({"revision": revision} if revision else {})
    span = Span(chosen.level, wanted.start, wanted.end)
    for document in _read(ops, [span], where, READ | {"at": 1}):
        if point := points.get(floor(document["at"], chosen.point)):
            point.add(document)
    return [(point.since, point) for point in points.values()]


def slow_requests(
    ops: Database, period: str = "7d", *, route: str | None = None, limit: int = 50, now: datetime | None = None
) -> list[dict[str, Any]]:
    """Return the latest slow requests: ``at, route, method, status, ms, requestId, revision``.

    ``route`` is a template, with its method in front or without.
    """
    wanted = window(PERIODS[period], now, clock.now())
    where: dict[str, Any] = {"at": {"$gte": wanted.start} | ({"$lt": wanted.end} if wanted.end else {})}
    if route:
        method, has_method, rule = route.partition(" ")
        where |= {"route": rule, "method": method} if has_method else {"route": route}
    return list(ops[SLOW_REQUESTS].find(where, {"_id": 0}, sort=[("at", -1)], limit=limit))


def _series(route: str | None, group: str | None) -> Any:
    if route is None:
        return f"group:{group}" if group else ALL
    if " " in route:
        return route
    return {"$in": [f"{method} {route}" for method in sorted(METHODS | {OTHER_METHOD})]}


def _target(route: str | None, group: str | None) -> int | None:
    if route:
        return group_of(route.rpartition(" ")[2]).target
    return BY_NAME[group].target if group else None


def _documents(ops: Database, wanted: Window, where: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return _read(ops, cover(wanted, clock.now()), where)


def _read(
    ops: Database, spans: list[Span], where: dict[str, Any], projection: dict[str, int] = READ
) -> Iterator[dict[str, Any]]:
    by_level: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_level[span.level.collection].append(span)
    for collection, found in by_level.items():
        for span in found:
            at = {"$gte": span.start} | ({"$lt": span.end} if span.end else {})
            yield from ops[collection].find(where | {"at": at}, projection, batch_size=10_000)
