"""The counts of this process in Prometheus' text form."""

from collections.abc import Iterator

from mixillo.ops.metrics.histograms import BUCKETS, EDGES, cumulated
from mixillo.ops.metrics.recording import SUM, Key, Row, requests_of
from mixillo.version import VERSION

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NAME = "http_request_duration_seconds"


def exposition(totals: dict[Key, Row], revision: str) -> str:
    """Return ``totals`` (since the start of the process) as histograms per route, method and status class."""
    lines = [
        "# HELP mixillo_build_info The version and the revision that run.",
        "# TYPE mixillo_build_info gauge",
        f'mixillo_build_info{{version="{_escaped(VERSION)}",revision="{_escaped(revision)}"}} 1',
        f"# HELP {NAME} How long answers took.",
        f"# TYPE {NAME} histogram",
    ]
    for key in sorted(totals):
        lines += _histogram(key, totals[key])
    return "\n".join(lines) + "\n"


def _histogram(key: Key, row: Row) -> Iterator[str]:
    rule, method, status_class = key
    labels = f'route="{_escaped(rule)}",method="{_escaped(method)}",status="{status_class}xx"'
    for edge, count in zip((*EDGES, None), cumulated(int(count) for count in row[:BUCKETS]), strict=True):
        limit = "+Inf" if edge is None else f"{edge / 1000:g}"
        yield f'{NAME}_bucket{{{labels},le="{limit}"}} {count}'
    yield f"{NAME}_sum{{{labels}}} {row[SUM] / 1000:.6f}"
    yield f"{NAME}_count{{{labels}}} {requests_of(row)}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
