"""Latencies in 32 fixed buckets: cheap to count, exact to add up, honest about what they can tell.

Bucket ``i`` holds the latencies from ``EDGES[i - 1]`` up to, but not including, ``EDGES[i]`` milliseconds; the last
one holds the rest. The targets of the service are edges, so that "how many were under the target" is exact.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

EDGES = (
    1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100, 125, 150, 200, 250, 300, 400, 500, 600, 800,
    1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 30_000, 60_000,
)  # fmt: skip
BUCKETS = len(EDGES) + 1


def bucket_of(milliseconds: float) -> int:
    """Return the bucket that a latency belongs to."""
    return bisect_right(EDGES, milliseconds)


def percentile(counts: Sequence[int], share: float) -> float | None:
    """Return the latency in ms below which ``share`` (0 to 1) of the requests stayed, ``None`` without requests.

    Interpolated inside the bucket that holds it; beyond the last edge that edge is returned, "at least a minute".
    """
    total = sum(counts)
    if not total:
        return None
    rank = share * total
    reached = 0
    for bucket, count in enumerate(counts):
        if count and reached + count >= rank:
            low, high = bounds(bucket)
            return low + (high - low) * max(0.0, rank - reached) / count
        reached += count
    return float(EDGES[-1])


def share_under(counts: Sequence[int], target: float) -> float | None:
    """Return the share (0 to 1) of requests faster than ``target`` ms, ``None`` without requests.

    Exact when ``target`` is an edge; interpolated inside its bucket otherwise.
    """
    total = sum(counts)
    if not total:
        return None
    bucket = bisect_left(EDGES, target)
    low, high = bounds(bucket)
    part = (target - low) / (high - low) if high > low else 0.0
    inside = counts[bucket] * min(1.0, part) if bucket < len(counts) else 0.0
    return (sum(counts[:bucket]) + inside) / total


def bounds(bucket: int) -> tuple[float, float]:
    """Return the lower and the upper edge of a bucket in ms; those of the last one are the same."""
    low = EDGES[bucket - 1] if bucket else 0
    return float(low), float(EDGES[min(bucket, len(EDGES) - 1)])


def cumulated(counts: Iterable[int]) -> list[int]:
    """Return how many requests stayed under each edge, and at the end how many there were."""
    return list(accumulate(counts))
