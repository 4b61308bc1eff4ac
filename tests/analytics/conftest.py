"""Ten days with figures."""

from typing import Any

import pytest
from pymongo.database import Database

from mixillo.blueprints.analytics.queries.days import Day

Document = dict[str, Any]


@pytest.fixture
def days(db: Database, ada: Document) -> list[Day]:
    """Ten days, of which the later five are twice as lively; Ada was there on each."""
    found = [Day.today().back(9 - number) for number in range(10)]
    for number, day in enumerate(found):
        more = 1 + (number >= 5)
        db["platformanalytics"].insert_one(
            {"date": day.start, "period": "daily", "users": {"active": 10 * more, "new": more},
             "revenue": {"total": 1.1 * more, "products": 0.55 * more}, "gifts": {"sent": more},
             "orders": {"total": 2 * more}, "engagement": {"pageViews": 7, "avgSessionDuration": 30 * more}}
        )  # fmt: skip
        db["useranalytics"].insert_one(
            {"user": ada["_id"], "date": day.start, "sessions": {"count": 1}, "received": {"views": 3, "likes": 1},
             "social": {"followers": 1}, "shopping": {"totalSpent": 10.5}, "gifting": {"totalReceived": 7}}
        )  # fmt: skip
    return found
