"""How figures are read."""

from typing import Any

from flask.testing import FlaskClient

from mixillo.blueprints.analytics.queries.days import Day
from mixillo.core import clock


def data(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"/api/analytics/{path}")
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def shown(day: Day) -> str:
    return clock.timestamp(day.start)
