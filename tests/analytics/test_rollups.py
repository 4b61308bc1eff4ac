"""The figures of a day are what happened on it, however often they are reckoned."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from bson import Decimal128, Int64, ObjectId
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from mixillo.blueprints.analytics.queries.days import Day
from mixillo.blueprints.analytics.queries.rfm import SEGMENTS, Value
from mixillo.blueprints.analytics.services.rollups import running
from mixillo.blueprints.analytics.services.rollups.running import DayOver, DayToCome
from mixillo.blueprints.gifts.models import GiftTransaction
from mixillo.core import clock
from mixillo.ops.datasets.report import dataset
from tests.factories.content import make_post
from tests.factories.users import make_follow, make_user
from tests.plans import faults, profiled

Document = dict[str, Any]
REPORTED = datetime(2025, 11, 14, tzinfo=UTC)


@pytest.fixture
def yesterday(app: Flask) -> Day:
    return Day.today().back(1)


def reckon(app: Flask, day: Day, **options: Any) -> Document:
    with app.app_context():
        return running.roll_up(day, **options)


def figures(db: Database, day: Day, *whose: Document) -> list[Document]:
    """Return the rows of ``whose`` people, or of the platform, without what tells one reckoning from another."""
    if not whose:
        found = [db["platformanalytics"].find_one({"date": day.start})]
    else:
        found = [db["useranalytics"].find_one({"user": user["_id"], "date": day.start}) for user in whose]
    return [{name: value for name, value in (row or {}).items() if name not in ("_id", "updatedAt")} for row in found]


def track(db: Database, at: datetime, kind: str = "page_view", user: Document | None = None, **fields: Any) -> None:
    event = {"eventType": kind, "timestamp": at, "createdAt": at} | ({"user": user["_id"]} if user else {})
    db["eventtrackings"].insert_one(event | fields)


def test_the_report_s_own_rows_come_out_of_its_events(app: Flask, db: Database) -> None:
    """What the report's database says of its last seven days is what reckoning them says."""
    for collection, documents in dataset(clock.now(), None).batches:
        db[collection].insert_many(documents)
    same = {
        "useranalytics": ("sessions", "activity", "devices", "social", "gifting", "livestreams"),
        "platformanalytics": (
            "users", "orders", "transactions", "gifts", "products", "engagement", "devices", "livestreams",
        ),
    }  # fmt: skip
    told = {
        name: {row["_id"]: row for row in db[name].find({"date": {"$gt": REPORTED - timedelta(days=7)}})}
        for name in same
    }
    db["useranalytics"].delete_many({"date": REPORTED})
    for days in range(7):
        reckon(app, Day(REPORTED - timedelta(days=days)), even_if_archived=True)
    for name, sections in same.items():
        for row in told[name].values():
            key = {"date": row["date"]} | ({"user": row["user"]} if "user" in row else {})
            (reckoned,) = db[name].find(key)
            for section in sections:
                assert reckoned[section] == row[section] | reckoned[section], (section, key)
                assert {part: reckoned[section][part] for part in row[section]} == row[section], (section, key)
    assert db["useranalytics"].count_documents({}) == 88
    assert db["platformanalytics"].count_documents({}) == 31


@pytest.fixture
def lively(db: Database, yesterday: Day, ada: Document, bob: Document) -> Day:
    """A day on which Ada visits twice, buys and gives, and Bob, who does not come, is seen and liked."""
    noon = yesterday.start + timedelta(hours=12)
    for seconds, kind, extra in (
        (0, "user_login", {}), (60, "page_view", {"metadata": {"path": "/shop"}}),
        (90, "product_view", {"metadata": {"path": "/product/1"}}), (95, "product_search", {}),
        (100, "page_view", {"metadata": {"path": "/shop"}}),
    ):  # fmt: skip
        track(db, noon + timedelta(seconds=seconds), kind, ada, sessionId="s1", device={"type": "mobile"}, **extra)
    track(db, noon + timedelta(hours=2), user=ada, sessionId="s2", device={"type": "desktop"})
    track(db, noon + timedelta(hours=2), "stream_leave", ada, sessionId="s2", duration=90.5)
    track(db, noon, sessionId="n1", location={"country": "Portugal", "city": "Porto"}, device={"type": "tablet"})
    for off in (yesterday.start - timedelta(milliseconds=1), yesterday.end):
        track(db, off, user=ada, sessionId="s1")
    paid = {"userId": ada["_id"], "createdAt": noon, "currency": "USD"}
    db["orders"].insert_many(
        [
            paid | {"orderNumber": "1", "total": Decimal128("20.10"), "paymentStatus": "paid", "status": "delivered",
                    "items": [{"quantity": 2}, {"quantity": 1}],
                    "fulfilments": [{"payout": {"commission": Decimal128("2.01")}}]},
            paid | {"orderNumber": "2", "total": 5.05, "paymentStatus": "paid", "status": "pending"},
            paid | {"orderNumber": "3", "total": Decimal128("99"), "paymentStatus": "pending", "status": "cancelled"},
            paid | {"orderNumber": "4", "total": Decimal128("7"), "paymentStatus": "paid", "status": "pending",
                    "currency": "EUR"},
        ]
    )  # fmt: skip
    db["payments"].insert_many(
        [paid | {"type": "coin_purchase", "amount": Decimal128("4.99"), "completedAt": noon},
         paid | {"type": "coin_purchase", "amount": Decimal128("9.99")}]
    )  # fmt: skip
    row = {"userId": ada["_id"], "currency": "coins", "status": "completed"}
    db["transactions"].insert_many(
        [row | {"type": "coin_purchase", "amount": Int64(500), "balanceAfter": Int64(500), "createdAt": noon},
         row | {"type": "gift_sent", "amount": Int64(-30), "balanceAfter": Int64(470),
                "createdAt": noon + timedelta(seconds=1)}]
    )  # fmt: skip
    gift = {"senderId": ada["_id"], "recipientId": bob["_id"], "giftId": ObjectId(), "giftName": "Rose",
            "status": "completed", "quantity": 3, "totalCost": Int64(30), "creatorEarnings": Int64(21),
            "createdAt": noon, "context": "livestream"}  # fmt: skip
    db["gifttransactions"].create_indexes([*GiftTransaction.INDEXES])
    db["gifttransactions"].insert_one(gift)
    post = make_post(db, bob, publishedAt=noon)
    db["likes"].insert_one({"userId": ada["_id"], "contentId": post["_id"], "createdAt": noon})
    db["comments"].insert_one({"userId": ada["_id"], "contentId": post["_id"], "createdAt": noon})
    db["views"].insert_many([{"contentId": post["_id"], "viewedAt": noon} for _ in range(2)])
    make_follow(db, ada, bob)
    db["follows"].update_many({}, {"$set": {"createdAt": noon}})
    return yesterday


def test_a_person_s_day(app: Flask, db: Database, lively: Day, ada: Document, bob: Document) -> None:
    told = reckon(app, lively)
    assert (told["persons"], told["active"]) == (2, 1)
    hers, his = figures(db, lively, ada, bob)
    assert hers["sessions"] == {
        "count": 2, "totalDuration": 100, "avgDuration": 50.0, "lastSession": lively.start + timedelta(hours=14)
    }  # fmt: skip
    assert hers["activity"] == {"pageViews": 4, "uniquePages": 3, "searches": 1, "clicks": 1, "interactions": 1}
    assert hers["shopping"] == {
        "productsViewed": 1, "addedToCart": 0, "ordersPlaced": 4, "totalSpent": 25.15, "avgOrderValue": 12.57
    }  # fmt: skip
    assert hers["credits"] == {"purchased": 500, "spent": 30, "paid": 4.99, "balance": 470}
    assert hers["gifting"] == {"giftsSent": 3, "giftsReceived": 0, "totalSpent": 30, "totalReceived": 0}
    assert hers["livestreams"]["totalWatchTime"] == 90
    assert hers["social"] == {"followers": 0, "following": 1, "posts": 0, "comments": 1, "likes": 1}
    assert hers["devices"] == {"mobile": 1, "tablet": 0, "desktop": 1}
    assert hers["rfm"] == {"recency": 0, "frequency": 1, "monetary": 30.14, "score": 6}
    assert his["sessions"]["count"] == 0
    assert his["gifting"]["totalReceived"] == 21
    assert his["received"] == {"views": 2, "likes": 1, "comments": 1, "shares": 0}
    assert his["social"]["followers"] == his["social"]["posts"] == 1


def test_the_platform_s_day(app: Flask, db: Database, lively: Day) -> None:
    reckon(app, lively)
    (row,) = figures(db, lively)
    assert row["revenue"] == {
        "total": 30.14, "credits": 4.99, "products": 25.15, "subscriptions": 0.0, "commissions": 2.01,
        "avgOrderValue": 12.57, "byCurrency": {"USD": 30.14, "EUR": 7.0},
    }  # fmt: skip
    assert row["orders"] == {"total": 4, "completed": 1, "pending": 2, "cancelled": 1, "avgValue": 12.57}
    assert row["products"]["sold"] == 3
    assert row["products"]["views"] == 1
    assert row["credits"] == {
        "purchased": 500, "spent": 30, "gifted": 30, "totalRevenue": 4.99, "avgPackageSize": 500.0
    }  # fmt: skip
    assert row["gifts"]["sent"] == row["livestreams"]["giftsReceived"] == 3
    assert row["gifts"]["topGifts"][0] | {"giftId": None} == {
        "giftId": None, "name": "Rose", "count": 3, "revenue": 30
    }  # fmt: skip
    assert row["transactions"] == {"total": 2, "completed": 2, "pending": 0, "failed": 0, "refunded": 0}
    assert row["engagement"] == {
        "pageViews": 5, "uniqueVisitors": 2, "avgSessionDuration": 33.3, "bounceRate": 66.7, "interactions": 1
    }  # fmt: skip
    assert row["devices"] == {"mobile": 1, "tablet": 1, "desktop": 1}
    assert row["geography"] == {
        "topCountries": [{"country": "Portugal", "users": 1}], "topCities": [{"city": "Porto", "users": 1}]
    }  # fmt: skip
    assert row["content"] == {"new": 1, "views": 2, "likes": 1, "comments": 1, "shares": 0}
    assert row["users"]["active"] == 1
    assert row["performance"] == {"avgResponseTime": None, "errorRate": None, "uptime": None}


def test_reckoning_a_day_again_leaves_the_same_figures(app: Flask, db: Database, lively: Day, ada: Document) -> None:
    reckon(app, lively)
    before = figures(db, lively), figures(db, lively, ada)
    assert reckon(app, lively)["persons"] == 2
    assert (figures(db, lively), figures(db, lively, ada)) == before
    assert db["platformanalytics"].count_documents({}) == 1
    assert db["useranalytics"].count_documents({}) == 2


def test_what_is_gone_leaves_the_figures_when_they_are_reckoned_again(
    app: Flask, db: Database, lively: Day, ada: Document
) -> None:
    reckon(app, lively)
    for collection in ("eventtrackings", "orders", "transactions", "gifttransactions", "payments", "likes", "follows"):
        db[collection].delete_many({})
    db["comments"].delete_many({})
    assert reckon(app, lively)["persons"] == 1, "only Bob's post is still seen"
    assert figures(db, lively, ada) == [{}]


def test_somebody_who_is_gone_gets_no_row(app: Flask, db: Database, lively: Day, ada: Document) -> None:
    db["users"].delete_one({"_id": ada["_id"]})
    assert reckon(app, lively)["persons"] == 1


def test_days_long_ago_and_to_come_are_not_reckoned(app: Flask, db: Database) -> None:
    today = Day.today()
    with pytest.raises(DayOver):
        reckon(app, today.back(91))
    with pytest.raises(DayToCome):
        reckon(app, today.back(-1))
    assert db["platformanalytics"].count_documents({}) == 0
    reckon(app, today.back(90))
    reckon(app, today.back(91), even_if_archived=True)
    assert db["platformanalytics"].count_documents({}) == 2


def test_days_on_which_something_happened_are_reckoned_by_themselves(
    app: Flask, client: FlaskClient, db: Database, yesterday: Day
) -> None:
    with app.app_context():
        assert running.roll_up_when_due() == []
        track(db, yesterday.start)
        assert running.roll_up_when_due() == [yesterday]
        assert running.roll_up_when_due() == []
        late = clock.timestamp(yesterday.start - timedelta(days=3))
        client.post("/api/events", json={"events": [{"eventType": "like", "timestamp": late}, {"eventType": "like"}]})
        assert running.roll_up_when_due() == [yesterday.back(3), Day.today()]
        assert running.roll_up_when_due() == []


def test_days_that_were_missed_are_made_up_for_once(app: Flask, db: Database, yesterday: Day) -> None:
    for ago in (0, 5, 28, 40):
        track(db, yesterday.back(ago).start)
    db["platformanalytics"].insert_one({"date": yesterday.back(5).start, "period": "daily"})
    with app.app_context():
        assert running.roll_up_when_due() == [yesterday.back(28), yesterday], "of the day with figures they are known"
        assert running.roll_up_when_due() == []


def test_the_job_runs_once_at_a_time_and_tells_what_it_did(app: Flask, ops_db: Database, lively: Day) -> None:
    with app.app_context():
        running.roll_up_when_due()
    job = ops_db["jobs"].find_one({"kind": running.KIND})
    assert job
    assert job["state"] == "done"
    assert {"day": f"{lively.start:%Y-%m-%d}", "persons": 2, "active": 1} in job["result"]["days"]


def test_reckoning_uses_indexes(app: Flask, db: Database, ops_db: Database, lively: Day) -> None:
    # Another test of this worker may have dropped a collection together with its indexes.
    import_module("migrations.0022_events_and_figures").upgrade(db, ops_db)
    for _ in range(30):
        make_user(db)
    with app.app_context(), profiled(db) as entries:
        running.due()
        running.roll_up(lively)
    # Sessions are put in order when they have been made, which no index can do.
    made = [command for name, command in faults(entries) if name.endswith(".eventtrackings")]
    assert len(made) == 2
    assert len(faults(entries)) == 2


@given(st.integers(0, 90), st.integers(0, 30), st.floats(0, 1000), st.integers(1, 9))
def test_who_comes_later_less_often_and_pays_less_is_never_worth_more(
    recency: int, frequency: int, monetary: float, more: int
) -> None:
    value = Value(ObjectId(), recency, frequency, monetary)
    assert 0 <= value.score <= 12
    for better in (
        Value(value.user, max(0, recency - more), frequency, monetary),
        Value(value.user, recency, frequency + more, monetary), Value(value.user, recency, frequency, monetary + more),
    ):  # fmt: skip
        assert better.score >= value.score
        ranked = [SEGMENTS.index(each.segment(None, Day.today())) for each in (better, value)]
        assert ranked[0] <= ranked[1]
