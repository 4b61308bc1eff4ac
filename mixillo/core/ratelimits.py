"""Rate limits: so many requests per window and caller, told in the IETF's headers.

Counted in Redis where one is configured, so that instances add up, and locally while it is lost.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import redis
import structlog
from flask import Flask, Response, current_app, g, request

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.errors import TooManyRequests

log = structlog.get_logger(__name__)
WINDOWS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
SECONDS_BETWEEN_RETRIES = 5
REDIS_TIMEOUTS: dict[str, Any] = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rate:
    """At most ``amount`` requests in a window of ``seconds``; ``name`` tells limits apart."""

    name: str
    amount: int
    seconds: int

    @classmethod
    def parse(cls, name: str, text: str) -> "Rate":
        """Return the rate that ``text`` (``300/minute``) describes."""
        amount, _, window = text.partition("/")
        return cls(name, int(amount), WINDOWS[window])


@dataclass(frozen=True)
class Count:
    """Where a caller stands: how many requests remain, and how many seconds until the window ends."""

    rate: Rate
    remaining: int
    reset: int


class Counter:
    """Counts requests in Redis or, without one or while it is lost, in this process."""

    def __init__(self, redis_url: str = "") -> None:
        self._redis = redis.Redis.from_url(redis_url, **REDIS_TIMEOUTS) if redis_url else None
        self._retry_at = 0.0
        self._local: dict[Rate, tuple[int, dict[str, int]]] = {}

    @property
    def is_shared(self) -> bool:
        """Whether it counts in Redis now, for all instances together."""
        return self._redis is not None and clock.now().timestamp() >= self._retry_at

    def hit(self, rate: Rate, key: str, cost: int = 1) -> Count:
        """Count ``cost`` requests of ``key``; a negative ``remaining`` means that the limit is exceeded."""
        now = clock.now().timestamp()
        window = int(now // rate.seconds)
        used = self._shared(rate, key, window, cost, now)
        if used is None:
            used = self._count(rate, key, window, cost)
        return Count(rate, rate.amount - used, max(1, math.ceil((window + 1) * rate.seconds - now)))

    def _shared(self, rate: Rate, key: str, window: int, cost: int, now: float) -> int | None:
        """Count in Redis; ``None`` without one, and for some seconds after it did not answer."""
        if self._redis is None or now < self._retry_at:
            return None
        name = f"mixillo:limit:{rate.name}:{key}:{window}"
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.incrby(name, cost)
                pipeline.expire(name, rate.seconds)
                used, _ = pipeline.execute()
        except redis.RedisError as error:
            self._retry_at = now + SECONDS_BETWEEN_RETRIES
            log.warning("rate_limit_store_lost", error=type(error).__name__)
            return None
        return int(used)

    def _count(self, rate: Rate, key: str, window: int, cost: int) -> int:
        """Count in this process; what earlier windows held is dropped with the first request of a new one."""
        current, counts = self._local.get(rate, (window, {}))
        if current != window:
            counts = {}
        self._local[rate] = (window, counts)
        counts[key] = counts.get(key, 0) + cost
        return counts[key]


def init_app(app: Flask, settings: Settings) -> None:
    """Set up counting, and state the limits in every answer they applied to."""
    app.extensions["ratelimits"] = Counter(settings.redis_url)
    app.config["RATE_LIMIT"] = None if settings.rate_limit == "off" else Rate.parse("default", settings.rate_limit)

    @app.after_request
    def state(response: Response) -> Response:
        counts: list[Count] = g.get("counts", [])
        if counts:
            policy = ", ".join(f'"{c.rate.name}";q={c.rate.amount};w={c.rate.seconds}' for c in counts)
            response.headers["RateLimit-Policy"] = policy
            left = ", ".join(f'"{c.rate.name}";r={max(0, c.remaining)};t={c.reset}' for c in counts)
            response.headers["RateLimit"] = left
        return response


def caller() -> str:
    """Return whom this request counts for: the signed-in user, else the client's address."""
    viewer = g.get("viewer")
    return f"user:{viewer.id}" if viewer else f"address:{request.remote_addr}"


def check_default(key: str | None = None) -> None:
    """Count this request against the limit that every view has, for ``key`` (the caller unless given).

    :raises TooManyRequests: with ``Retry-After``.
    """
    if rate := current_app.config["RATE_LIMIT"]:
        check(rate, key)


def check(rate: Rate, key: str | None = None, cost: int = 1) -> None:
    """Count this request against ``rate`` for ``key`` (the caller unless given).

    :raises TooManyRequests: with ``Retry-After``.
    """
    if current_app.config["RATE_LIMIT"] is None:
        return
    count = current_app.extensions["ratelimits"].hit(rate, key or caller(), cost)
    g.setdefault("counts", []).append(count)
    if count.remaining < 0:
        raise TooManyRequests(
            f"Too many requests; try again in {count.reset} s.",
            headers={"Retry-After": str(count.reset)},
            retryAfter=count.reset,
        )


def rate_limited(name: str, rate: str) -> Callable[[View], View]:
    """Hold a view to a tighter limit of its own, beside the default one."""
    parsed = Rate.parse(name, rate)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            check(parsed)
            return view(*args, **kwargs)

        guarded.rate = parsed  # type: ignore[attr-defined]  # for the dashboard, which lists the limits
        return guarded  # type: ignore[return-value]

    return decorate
