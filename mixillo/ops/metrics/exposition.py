"""The counts of this process in Prometheus' text form."""

from collections.abc import Iterator, Sequence

from mixillo.core.realtime.figures import ASKED, CUT, DELIVERED, LIMITED, REFUSED, REPLAYED, TURNED_AWAY
from mixillo.ops.metrics.histograms import BUCKETS, EDGES, cumulated
from mixillo.ops.metrics.recording import SUM, Key, Row, requests_of
from mixillo.ops.metrics.sockets import Sampler
from mixillo.version import VERSION

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NAME = "http_request_duration_seconds"
LAG = "mixillo_socket_delivery_lag_seconds"
GAUGES = {
    "mixillo_sockets": ("sockets", "Open sockets of clients."),
    "mixillo_operator_sockets": ("operators", "Open sockets of the dashboard."),
    "mixillo_socket_rooms": ("rooms", "Rooms of things that somebody is in."),
}
COUNTERS = {
    "mixillo_socket_events_total": (ASKED, "Events that clients sent."),
    "mixillo_socket_events_refused_total": (REFUSED, "Events that were answered with an error."),
    "mixillo_socket_events_limited_total": (LIMITED, "Events above the pace that a socket may have."),
    "mixillo_socket_connections_refused_total": (TURNED_AWAY, "Connections that were refused, as with a bad token."),
    "mixillo_sockets_cut_total": (CUT, "Sockets that were cut because they went on."),
    "mixillo_socket_deliveries_total": (DELIVERED, "Events that were sent to sockets, each socket by itself."),
    "mixillo_socket_replayed_total": (REPLAYED, "Events that were sent again to who came back."),
}


def exposition(totals: dict[Key, Row], revision: str, sampler: Sampler) -> str:
    """Return ``totals`` (since the start of the process) as histograms per route, and what the sockets do."""
    lines = [
        "# HELP mixillo_build_info The version and the revision that run.",
        "# TYPE mixillo_build_info gauge",
        f'mixillo_build_info{{version="{_escaped(VERSION)}",revision="{_escaped(revision)}"}} 1',
        f"# HELP {NAME} How long answers took.",
        f"# TYPE {NAME} histogram",
    ]
    for key in sorted(totals):
        lines += _histogram(key, totals[key])
    return "\n".join([*lines, *_sockets(sampler)]) + "\n"


def _sockets(sampler: Sampler) -> Iterator[str]:
    present, totals = sampler.sample(), sampler.totals
    for name, (key, words) in GAUGES.items():
        yield from (f"# HELP {name} {words}", f"# TYPE {name} gauge", f"{name} {present[key]}")
    for name, (key, words) in COUNTERS.items():
        yield from (f"# HELP {name} {words}", f"# TYPE {name} counter", f"{name} {totals.counts[key]}")
    yield from (f"# HELP {LAG} From writing an event down to sending it.", f"# TYPE {LAG} histogram")
    yield from _buckets(LAG, "", totals.lags)
    yield from (f"{LAG}_sum {totals.ms / 1000:.6f}", f"{LAG}_count {sum(totals.lags)}")


def _histogram(key: Key, row: Row) -> Iterator[str]:
    rule, method, status_class = key
    labels = f'route="{_escaped(rule)}",method="{_escaped(method)}",status="{status_class}xx"'
    yield from _buckets(NAME, f"{labels},", [int(count) for count in row[:BUCKETS]])
    yield f"{NAME}_sum{{{labels}}} {row[SUM] / 1000:.6f}"
    yield f"{NAME}_count{{{labels}}} {requests_of(row)}"


def _buckets(name: str, labels: str, counts: Sequence[int]) -> Iterator[str]:
    for edge, count in zip((*EDGES, None), cumulated(counts), strict=True):
        limit = "+Inf" if edge is None else f"{edge / 1000:g}"
        yield f'{name}_bucket{{{labels}le="{limit}"}} {count}'


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
