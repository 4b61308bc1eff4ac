"""The figures of one series over one window."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mixillo.ops.metrics import histograms
from mixillo.ops.metrics.levels import class_and_bucket

PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


@dataclass
class Figures:
    """Requests of one series over one window; shares from 0 to 1, latencies in ms, ``None`` without requests."""

    since: datetime
    until: datetime
    target: int | None = None
    cells: dict[str, int] = field(default_factory=dict)
    milliseconds: float = 0.0

    def add(self, document: dict[str, Any]) -> None:
        """Add what one stored document counted."""
        cells = self.cells
        for cell, count in document["counts"].items():
            cells[cell] = cells.get(cell, 0) + count
        self.milliseconds += document["ms"]

    @property
    def classes(self) -> dict[int, int]:
        """The requests of each status class, 1 to 5."""
        found = dict.fromkeys(range(1, 6), 0)
        for cell, count in self.cells.items():
            found[class_and_bucket(cell)[0]] += count
        return found

    @property
    def buckets(self) -> list[int]:
        """The requests in each bucket of the histogram, whatever their status."""
        found = [0] * histograms.BUCKETS
        for cell, count in self.cells.items():
            found[class_and_bucket(cell)[1]] += count
        return found

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return sum(self.cells.values())

    @property
    def errors(self) -> int:
        """How many of them with a 5xx: our fault."""
        return self.classes[5]

    @property
    def error_rate(self) -> float | None:
        """The share of 5xx."""
        return self._share(5)

    @property
    def client_error_rate(self) -> float | None:
        """The share of 4xx: mostly people who are not signed in or mistyped something."""
        return self._share(4)

    @property
    def per_second(self) -> float:
        """Requests per second, over the whole window."""
        return self.requests / max(1.0, (self.until - self.since).total_seconds())

    @property
    def mean(self) -> float | None:
        """The mean latency."""
        return self.milliseconds / self.requests if self.requests else None

    @property
    def p50(self) -> float | None:
        """The latency that half of the requests stayed under."""
        return self.percentile(0.50)

    @property
    def p95(self) -> float | None:
        """The latency that 95 % of the requests stayed under."""
        return self.percentile(0.95)

    @property
    def p99(self) -> float | None:
        """The latency that 99 % of the requests stayed under."""
        return self.percentile(0.99)

    @property
    def under_target(self) -> float | None:
        """The exact share of requests faster than the target; ``None`` without a target, too."""
        return histograms.share_under(self.buckets, self.target) if self.target else None

    @property
    def meets_target(self) -> bool | None:
        """Whether p95 is below the target; ``None`` without requests or without a target."""
        return None if self.target is None or self.p95 is None else self.p95 < self.target

    def percentile(self, share: float) -> float | None:
        """Return the latency that ``share`` of the requests stayed under, interpolated in its bucket."""
        return histograms.percentile(self.buckets, share)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under the names that ``--json`` and CSV use."""
        return {
            "requests": self.requests,
            "perSecond": self.per_second,
            "byClass": {f"{status_class}xx": count for status_class, count in self.classes.items()},
            "errors": self.errors,
            "errorRate": self.error_rate,
            "clientErrorRate": self.client_error_rate,
            "meanMs": self.mean,
            **{f"{name}Ms": self.percentile(share) for name, share in PERCENTILES.items()},
            "targetMs": self.target,
            "underTarget": self.under_target,
            "meetsTarget": self.meets_target,
            "since": self.since,
            "until": self.until,
        }

    def _share(self, status_class: int) -> float | None:
        return self.classes[status_class] / self.requests if self.requests else None
