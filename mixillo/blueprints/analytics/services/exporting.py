"""Figures and events as files: JSON, or CSV for a spreadsheet, written while they are read."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from mixillo.blueprints.analytics.models import DAILY, RELATED, EventTracking, PlatformAnalytics, UserAnalytics
from mixillo.blueprints.analytics.queries.periods import Period
from mixillo.core import audit_log, clock, json
from mixillo.core.security import Viewer

Document = dict[str, Any]
# What spreadsheets take for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
AT_ONCE = 500
PLATFORM_COLUMNS = {
    "users": ("total", "new", "active", "deleted", "verified", "sellers", "newSellers"),
    "revenue": ("total", "credits", "products", "subscriptions", "commissions", "avgOrderValue"),
    "transactions": ("total", "completed", "pending", "failed", "refunded"),
    "credits": ("purchased", "spent", "gifted"),
    "gifts": ("sent", "totalValue", "uniqueSenders", "uniqueReceivers"),
    "livestreams": ("total", "totalViewers", "totalDuration", "giftsReceived"),
    "products": ("total", "new", "sold", "views", "avgPrice"),
    "orders": ("total", "completed", "pending", "cancelled", "avgValue"),
    "content": ("new", "views", "likes", "comments", "shares"),
    "engagement": ("pageViews", "uniqueVisitors", "avgSessionDuration", "bounceRate", "interactions"),
    "devices": ("mobile", "tablet", "desktop"),
    "performance": ("avgResponseTime", "errorRate", "uptime"),
}  # fmt: skip
USER_COLUMNS = {
    "sessions": ("count", "totalDuration"),
    "activity": ("pageViews", "searches", "clicks", "interactions"),
    "shopping": ("ordersPlaced", "totalSpent"),
    "credits": ("purchased", "spent", "balance"),
    "gifting": ("giftsSent", "giftsReceived", "totalSpent", "totalReceived"),
    "social": ("followers", "following", "posts", "comments", "likes"),
    "received": ("views", "likes", "comments", "shares"),
    "rfm": ("recency", "frequency", "monetary", "score"),
}
COLUMNS: dict[str, list[str]] = {
    "platform": ["date", *(f"{section}.{name}" for section, names in PLATFORM_COLUMNS.items() for name in names)],
    "users": ["date", "user", *(f"{section}.{name}" for section, names in USER_COLUMNS.items() for name in names)],
    "events": [
        "_id", "timestamp", "eventType", "user", "sessionId", "duration", "device.type", "device.os",
        "location.country", "metadata.path", *(f"relatedEntities.{name}" for name in RELATED),
    ],
}  # fmt: skip
SOURCES: dict[str, tuple[Any, str, Document]] = {
    "platform": (PlatformAnalytics, "date", {"period": DAILY}),
    "users": (UserAnalytics, "date", {}),
    "events": (EventTracking, "timestamp", {}),
}


def export(kind: str, form: str, period: Period, viewer: Viewer) -> Iterator[bytes]:
    """Yield a file of what ``kind`` names, in ``form`` (``csv`` or ``json``), the earliest first; it is in the log."""
    audit_log.record(
        "analytics.exported",
        actor={"kind": "user", "id": viewer.id, "name": viewer.username},
        target=SOURCES[kind][0].collection().name,
        changes={"after": {"format": form, **period.as_dict()}},
    )
    model, field, where = SOURCES[kind]
    rows = model.collection().find(
        where | {field: period.bounds}, dict.fromkeys(_fields(kind), 1), sort=[(field, 1)], batch_size=AT_ONCE
    )
    told = ({name: _part(row, name) for name in COLUMNS[kind]} for row in rows)
    return _as_csv(COLUMNS[kind], told) if form == "csv" else _as_json(told)


def _fields(kind: str) -> list[str]:
    return [*COLUMNS[kind], *(["_id"] if kind == "events" else [])]


def _part(row: Document, name: str) -> Any:
    value: Any = row
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _as_json(rows: Iterable[Document]) -> Iterator[bytes]:
    separator = b"["
    for row in rows:
        yield separator + json.dumps(row)
        separator = b",\n"
    yield b"[]" if separator == b"[" else b"]"


def _as_csv(columns: list[str], rows: Iterable[Document]) -> Iterator[bytes]:
    yield "\ufeff".encode() + _line(columns)
    for row in rows:
        yield _line([_cell(value) for value in row.values()])


def _line(cells: list[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.timestamp(value)
    if isinstance(value, str) and value.startswith(FORMULAS):
        return f"'{value}"
    return value
