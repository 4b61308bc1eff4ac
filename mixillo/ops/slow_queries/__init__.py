"""Slow queries: noticed in the driver, kept by their shape without a value, explained, answered with an index."""

from mixillo.ops.slow_queries.explain import ShapeNotFound, explain
from mixillo.ops.slow_queries.hooks import flush, init_app
from mixillo.ops.slow_queries.listener import SlowQueries
from mixillo.ops.slow_queries.shapes import Shape, shape_of
from mixillo.ops.slow_queries.store import missing_indexes, p95, slowest

__all__ = [
    "Shape",
    "ShapeNotFound",
    "SlowQueries",
    "explain",
    "flush",
    "init_app",
    "missing_indexes",
    "p95",
    "shape_of",
    "slowest",
]
