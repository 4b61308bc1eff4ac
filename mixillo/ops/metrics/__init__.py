"""Requests, errors and latencies: counted in memory, stored by the minute, read by the period."""

from mixillo.ops.metrics.figures import Figures
from mixillo.ops.metrics.groups import GROUPS, TARGETED
from mixillo.ops.metrics.hooks import flusher_of, init_app, recorder_of, sampler_of
from mixillo.ops.metrics.levels import PERIODS
from mixillo.ops.metrics.queries import by_group, by_route, latency, slow_requests, timeline

__all__ = [
    "GROUPS",
    "PERIODS",
    "TARGETED",
    "Figures",
    "by_group",
    "by_route",
    "flusher_of",
    "init_app",
    "latency",
    "recorder_of",
    "sampler_of",
    "slow_requests",
    "timeline",
]
