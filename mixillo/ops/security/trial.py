"""The rate limit, exercised: an address that nobody has uses it up, and the application must refuse it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from flask import Flask

from mixillo.core.ratelimits import Counter, Rate
from mixillo.errors import Conflict
from mixillo.extensions import socketio
from mixillo.ops.jobs import Report
from mixillo.ops.security.asking import Answer, ask

KIND = "ratelimit-trial"
PATH = "/api/health"
# Counted one by one up to this many; what a higher limit has beyond is counted at once.
ONE_BY_ONE = 1_000
BETWEEN_PAUSES = 50


class NoLimit(Conflict):
    """There is nothing to try."""

    code, title = "no_rate_limit", "Requests are not limited"


@dataclass(frozen=True)
class Limit:
    """One limit and the routes it holds for; ``routes`` is empty for the one that every view has."""

    rate: Rate
    routes: tuple[str, ...] = ()


def limits(app: Flask) -> list[Limit]:
    """Return the limits in force: the one of every view first, then the tighter ones of some."""
    default: Rate | None = app.config["RATE_LIMIT"]
    if default is None:
        return []
    tighter: dict[Rate, list[str]] = {}
    for rule in app.url_map.iter_rules():
        if rate := getattr(app.view_functions[rule.endpoint], "rate", None):
            tighter.setdefault(rate, []).append(rule.rule)
    rest = [Limit(rate, tuple(sorted(set(routes)))) for rate, routes in tighter.items()]
    return [Limit(default), *sorted(rest, key=lambda limit: limit.rate.name)]


def trial(app: Flask) -> Callable[[Report], dict[str, Any]]:
    """Return the work of a job that uses up the limit of a fresh address and has it refused.

    The result: ``{limit, seconds, counted, refused, status, retryAfter, policy, ms, store}``; ``refused`` says
    whether the application itself answered 429 with ``Retry-After`` to that address, and 200 before.

    :raises NoLimit: the limit is off.
    """
    rate: Rate | None = app.config["RATE_LIMIT"]
    if rate is None:
        raise NoLimit("MIXILLO_RATE_LIMIT is off.")
    return lambda report: _try(app, rate, report)


def _try(app: Flask, rate: Rate, report: Report) -> dict[str, Any]:
    started = time.perf_counter()
    counter: Counter = app.extensions["ratelimits"]
    counted, before, after = 0, Answer(0, ()), Answer(0, ())
    for _ in range(2):  # a window that ends half-way forgets what was counted in it
        address = _nobodys_address()
        before = ask(app, PATH, address=address)
        remaining, counted = _use_up(counter, rate, f"address:{address}", report)
        after = ask(app, PATH, address=address)
        if remaining <= 0 and after.status == 429:
            break
    return {
        "limit": rate.amount,
        "seconds": rate.seconds,
        "counted": counted + 1,
        "refused": before.status == 200 and after.status == 429 and after.header("Retry-After") is not None,
        "status": after.status,
        "retryAfter": after.header("Retry-After"),
        "policy": after.header("RateLimit-Policy"),
        "ms": round((time.perf_counter() - started) * 1000, 1),
        "store": "Redis" if counter.is_shared else "this process",
    }


def _use_up(counter: Counter, rate: Rate, key: str, report: Report) -> tuple[int, int]:
    """Count until nothing remains; return what remains, and how much was counted."""
    counted = max(0, rate.amount - ONE_BY_ONE)
    remaining = counter.hit(rate, key, counted).remaining
    while remaining > 0 and counted < rate.amount:
        remaining, counted = counter.hit(rate, key).remaining, counted + 1
        if counted % BETWEEN_PAUSES == 0:
            report(counted, rate.amount, "counting")
    socketio.sleep(0)
    return remaining, counted


def _nobodys_address() -> str:
    """Return an address out of the range for documentation (RFC 3849), which is never anybody's, nor used before."""
    digits = str(ObjectId())
    return ":".join(("2001:db8", *(digits[start : start + 4] for start in range(0, 24, 4))))
