"""What requests are held against: the latency targets of the groups of routes, and the share that may fail.

The groups are those of the stabilization report.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

UNMATCHED = "unmatched"
DEFAULT_SLOW_MS = 800
# The share of requests that may fail with a 5xx.
ERROR_TARGET = 0.02
# Fewer requests than this say nothing about a share or a percentile.
MINIMUM_REQUESTS = 20


@dataclass(frozen=True)
class Group:
    """Routes that are judged together; ``target`` is what 95 % of their answers must stay under, in ms."""

    name: str
    title: str
    target: int | None
    pattern: re.Pattern[str]


def _group(name: str, title: str, target: int | None, pattern: str) -> Group:
    return Group(name, title, target, re.compile(pattern))


# The first that matches the route's template.
GROUPS = (
    _group("health", "Health", 100, r"/(api/)?health(/|$)"),
    _group("auth", "Auth", 300, r"/api/auth(/|$)"),
    _group("feed", "Feed", 500, r"/api/((content|posts)/)?feed(/|$)"),
    _group("search", "Product search", 800, r"/api/products/search(/|$)"),
    _group("api", "Other API", None, r"/api(/|$)"),
    _group(UNMATCHED, "Unmatched", None, rf"{UNMATCHED}$"),
    _group("pages", "Pages and files", None, r""),
)
TARGETED = tuple(group for group in GROUPS if group.target)
BY_NAME = {group.name: group for group in GROUPS}


@lru_cache(maxsize=1024)
def group_of(rule: str) -> Group:
    """Return the group of a route's template."""
    return next(group for group in GROUPS if group.pattern.match(rule))


@lru_cache(maxsize=1024)
def slow_after(rule: str) -> int:
    """Return from how many ms on a request of this route is kept as a slow sample."""
    return group_of(rule).target or DEFAULT_SLOW_MS
