"""What is read out of the figures: by whom, of which days, and that it is what is in them."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.analytics.queries.days import Day
from mixillo.blueprints.gifts.models import GiftTransaction
from mixillo.core import clock
from tests.analytics.reading import data, shown
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.users import make_follow, make_user
from tests.plans import faults, profiled

Document = dict[str, Any]
ADMINS_OWN = (
    "overview", "dashboard/overview", "dashboard/revenue", "dashboard/users", "dashboard/gifting",
    "dashboard/livestreams", "content", "advanced", "trends", "segments", "realtime", "events/stats", "export",
    "storage",
)  # fmt: skip
OWN = ("user", "audience", "earnings", "follower-growth", "top-content")


@pytest.mark.parametrize("path", [*ADMINS_OWN, "users/64b7f3a2c9e77a0012ab34cd"])
def test_the_platform_s_figures_are_for_administrators(as_ada: FlaskClient, client: FlaskClient, path: str) -> None:
    assert as_ada.get(f"/api/analytics/{path}").status_code == 403
    assert client.get(f"/api/analytics/{path}").status_code == 401


def test_an_overview_adds_the_days_up_and_names_the_growth(as_admin: FlaskClient, days: list[Day]) -> None:
    found = data(as_admin, f"overview?startDate={shown(days[5])[:10]}&endDate={shown(days[9])[:10]}")
    assert found["period"] == {"startDate": shown(days[5]), "endDate": shown(days[9]), "days": 5}
    assert found["users"] == {"total": 2, "active": 1, "new": 10}
    assert found["revenue"]["total"] == 11.0
    assert found["orders"] == {"total": 20, "revenue": 5.5}
    assert found["engagement"] == {"pageViews": 35, "interactions": 0, "avgSessionDuration": 60.0}
    assert found["growth"]["newUsers"] == {"current": 10, "previous": 5, "changePercent": 100.0, "direction": "up"}
    assert found["growth"]["likes"]["direction"] == "stable"
    assert found["growth"]["likes"]["changePercent"] is None


def test_the_older_paths_show_the_same(as_admin: FlaskClient, days: list[Day]) -> None:
    asked = data(as_admin, "overview?period=7d")
    answer = as_admin.get("/api/metrics/overview?timeRange=7d")
    assert answer.json["data"] == asked == data(as_admin, "dashboard/overview?period=7d")
    assert "/api/analytics/overview" in answer.headers["Link"]


def test_sections_tell_each_day(as_admin: FlaskClient, days: list[Day]) -> None:
    found = data(as_admin, f"dashboard/revenue?startDate={shown(days[0])[:10]}")
    assert found["totals"]["revenue"]["total"] == pytest.approx(16.5)
    assert [day["date"] for day in found["daily"]] == [shown(day) for day in days]
    assert found["daily"][0]["orders"]["total"] == 2
    assert [day["orders"]["total"] for day in data(as_admin, "dashboard/revenue?period=30d")["daily"]][:2] == [0, 0]
    assert data(as_admin, "dashboard/users?period=7d")["totals"]["users"]["new"] == 12
    assert data(as_admin, "dashboard/gifting")["totals"]["gifts"]["sent"] == 15
    assert data(as_admin, "dashboard/livestreams")["totals"]["livestreams"]["total"] == 0


@pytest.mark.parametrize(
    "query",
    ["startDate=2026-13-01", "startDate=x", "endDate=", "period=2d", "startDate=2020-01-01", "startDate=9999-12-31",
     "startDate=2026-02-01&endDate=2026-01-01", "startDate=0001-01-01&endDate=0001-01-01"],
)  # fmt: skip
def test_days_that_cannot_be_are_refused(as_admin: FlaskClient, query: str) -> None:
    assert as_admin.get(f"/api/analytics/overview?{query}").status_code == 400


def test_a_trend_holds_the_later_half_against_the_earlier(as_admin: FlaskClient, days: list[Day]) -> None:
    found = data(as_admin, "trends?metric=activeUsers&days=10")
    assert [point["value"] for point in found["trend"]] == [10] * 5 + [20] * 5
    assert found["analysis"] == {
        "recentAverage": 20, "previousAverage": 10, "changePercent": 100.0, "direction": "up"
    }  # fmt: skip
    assert data(as_admin, "trends?metric=gifts&days=3")["analysis"]["direction"] == "stable"


def test_segments_count_everybody_with_figures_once(as_admin: FlaskClient, db: Database, days: list[Day]) -> None:
    db["users"].update_many({}, {"$set": {"createdAt": clock.now() - timedelta(days=100)}})
    rare = make_user(db, createdAt=clock.now() - timedelta(days=90))
    fresh = make_user(db)
    for user, ago in ((rare, 80), (fresh, 0)):
        db["useranalytics"].insert_one(
            {"user": user["_id"], "date": Day.today().back(ago).start, "sessions": {"count": 1}}
        )  # fmt: skip
    found = data(as_admin, "segments")
    assert found["total"] == 3
    assert {each["segment"]: each["users"] for each in found["segments"] if each["users"]} == {
        "champions": 1, "new": 1, "inactive": 1
    }  # fmt: skip


def test_a_person_s_figures_come_with_their_segment(as_admin: FlaskClient, days: list[Day], ada: Document) -> None:
    found = data(as_admin, f"users/{ada['_id']}?period=7d")
    assert found["insights"]["totals"]["views"] == 21
    assert found["rfm"] == {"recency": 0, "frequency": 10, "monetary": 105.0, "score": 10}
    assert found["segment"] == "champions"
    assert found["user"]["username"] == "ada"
    assert as_admin.get(f"/api/analytics/users/{ObjectId()}").status_code == 404


def test_the_present_is_of_the_last_fifteen_minutes(
    as_admin: FlaskClient, as_ada: FlaskClient, client: FlaskClient, db: Database
) -> None:
    early = clock.timestamp(clock.now() - timedelta(minutes=16))
    events = [{"eventType": "like"}, {"eventType": "like"}, {"eventType": "page_view"}]
    as_ada.post("/api/events", json={"events": [*events, {"eventType": "follow", "timestamp": early}]})
    client.post("/api/events", json={"events": events[:1]})
    db["orders"].insert_one({"createdAt": clock.now()})
    found = data(as_admin, "realtime")
    assert found["activeUsers"] == 1
    assert found["recentEvents"] == [{"_id": "like", "count": 3}, {"_id": "page_view", "count": 1}]
    assert (found["recentPurchases"], found["recentGifts"]) == (1, 0)


def test_events_are_counted_by_day_and_kind(as_admin: FlaskClient, as_ada: FlaskClient, client: FlaskClient) -> None:
    day = timedelta(days=1)
    told = [
        {"eventType": kind, "timestamp": clock.timestamp(clock.now() - ago)}
        for kind, ago in (("like", day), ("like", day), ("follow", day), ("like", 3 * day))
    ]
    as_ada.post("/api/events", json={"events": told})
    client.post("/api/events", json={"events": told[:1]})
    found = data(as_admin, "events/stats?eventType=like")["stats"]
    assert [(each["count"], each["uniqueUsers"]) for each in found] == [(1, 1), (3, 1)]
    assert sum(each["count"] for each in data(as_admin, "events/stats")["stats"]) == 5
    assert as_admin.get("/api/analytics/events/stats?eventType=nonsense").status_code == 400


def test_posts_add_up_and_creators_are_named(
    as_admin: FlaskClient, db: Database, days: list[Day], ada: Document
) -> None:
    for number, kind in enumerate(("video", "video", "image")):
        make_post(db, ada, type=kind, viewsCount=number, likesCount=2)
    make_post(db, ada, visibility="private", viewsCount=99)
    found = data(as_admin, "content")
    assert (found["totalContent"], found["totalViews"], found["totalLikes"]) == (3, 3, 6)
    assert found["contentByType"] == [{"type": "video", "count": 2}, {"type": "image", "count": 1}]
    assert [post["viewsCount"] for post in found["topPerformingContent"]] == [2, 1, 0]
    more = data(as_admin, "advanced?period=7d")
    assert more["topCreators"][0]["views"] == 21
    assert more["topCreators"][0]["user"]["username"] == "ada"
    assert more["contentTypes"] == found["contentByType"]


def test_exports_hold_the_rows_and_are_in_the_audit_log(
    as_admin: FlaskClient, ops_db: Database, days: list[Day], ada: Document
) -> None:
    answer = as_admin.get("/api/analytics/export?type=platform&period=7d")
    assert answer.mimetype == "application/json"
    rows = json.loads(answer.data)
    assert [row["date"] for row in rows] == [shown(day) for day in days[3:]]
    assert rows[0]["users.active"] == 10
    answer = as_admin.get("/api/analytics/export?type=users&format=csv")
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == ("text/csv", 'attachment; filename="users.csv"')
    table = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(table) == 10
    assert table[0]["user"] == str(ada["_id"])
    assert table[0]["received.views"] == "3"
    assert ops_db["auditlog"].count_documents({"action": "analytics.exported"}) == 2
    assert json.loads(as_admin.get("/api/analytics/export?type=events").data) == []


def test_storage_is_what_was_uploaded(as_admin: FlaskClient, db: Database, ada: Document) -> None:
    file = {"userId": ada["_id"], "status": "completed", "storedIn": "gridfs", "contentType": "video/mp4"}
    picture = file | {"contentType": "image/png", "fileKey": "b"}
    db["uploadsessions"].insert_many([file | {"fileSize": 100, "fileKey": "a"}, picture | {"fileSize": 50}])
    found = data(as_admin, "storage")
    assert (found["totalFiles"], found["totalSize"], found["videoSize"], found["imageCount"]) == (2, 150, 100, 1)
    assert found["breakdown"][0] == {"type": "video", "count": 1, "size": 100}


def test_a_cell_is_never_a_formula(as_admin: FlaskClient, client: FlaskClient) -> None:
    event = {"eventType": "error", "metadata": {"path": '=HYPERLINK("http://x")'}, "device": {"os": "@SUM(1)"}}
    client.post("/api/events", json={"events": [event]})
    answer = as_admin.get("/api/analytics/export?type=events&format=csv")
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert row["metadata.path"] == '\'=HYPERLINK("http://x")'
    assert row["device.os"] == "'@SUM(1)"


def test_figures_are_found_by_indexes(app: Flask, db: Database, days: list[Day], ada: Document) -> None:
    db["gifttransactions"].create_indexes([*GiftTransaction.INDEXES])
    posts = [make_post(db, ada, viewsCount=number) for number in range(20)]
    for number in range(30):
        make_follow(db, make_user(db), ada)
        db["eventtrackings"].insert_one(
            {"eventType": "like", "timestamp": clock.now(), "user": ObjectId(), "n": number}
        )
    admin, owner = client_of(app, make_user(db, role="admin")), client_of(app, ada)
    paths = [(admin, path) for path in ADMINS_OWN] + [(admin, f"users/{ada['_id']}")]
    paths += [(admin, "events/stats?eventType=like"), (admin, "export?type=users"), (admin, "export?type=events")]
    paths += [(owner, path) for path in (*OWN, f"content/{posts[0]['_id']}")]
    for client, path in paths:
        with profiled(db) as entries:
            assert client.get(f"/api/analytics/{path}").status_code == 200, path
        bad = [fault for fault in faults(entries) if not sorts_what_it_made(fault, path)]
        assert bad == [], path


def sorts_what_it_made(fault: tuple[str, Any], path: str) -> bool:
    """Return whether an operation only puts groups, or the posts of one person, in order."""
    name, command = fault
    return name.endswith(".useranalytics") and path == "advanced" or path == "top-content"
