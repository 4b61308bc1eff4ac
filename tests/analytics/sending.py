"""Events, and how they are sent."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from mixillo.core import clock

Document = dict[str, Any]


def event(**fields: Any) -> Document:
    return {"eventType": "page_view"} | fields


def numbered(number: int, **fields: Any) -> Document:
    return event(eventId=f"e-{number}", **fields)


def send(client: FlaskClient, *events: Document) -> Any:
    return client.post("/api/events", json={"events": list(events)})


def moment(**ago: float) -> str:
    return clock.timestamp(clock.now() - timedelta(**ago))
