"""One's own figures: of one's posts, followers and wallets; and of few alike nothing."""

from datetime import timedelta
from typing import Any

from bson import Decimal128, Int64
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.analytics.queries.days import Day
from mixillo.core import clock
from tests.analytics.reading import data
from tests.factories.content import make_post
from tests.factories.users import make_follow, make_user

Document = dict[str, Any]


def test_one_s_own_figures(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, days: list[Day], ada: Document
) -> None:
    db["users"].update_one({"_id": ada["_id"]}, {"$set": {"followersCount": 12}})
    found = data(as_ada, "user?period=7d")["analytics"]
    assert (found["totals"]["views"], found["totals"]["coinsReceived"], len(found["daily"])) == (21, 49, 7)
    assert data(as_bob, "user?period=7d")["analytics"]["totals"]["views"] == 0
    growth = data(as_ada, "follower-growth?period=7d")["growth"]
    assert [day["followers"] for day in growth] == [6, 7, 8, 9, 10, 11, 12]
    assert {day["newFollowers"] for day in growth} == {1}


def test_few_alike_among_followers_are_not_told(as_ada: FlaskClient, db: Database, ada: Document) -> None:
    born = clock.now() - timedelta(days=365 * 20)
    for number in range(12):
        gender = "female" if number < 7 else "male" if number < 9 else "prefer_not_to_say"
        make_follow(db, make_user(db, gender=gender, dateOfBirth=born), ada)
    found = data(as_ada, "audience")["demographics"]
    assert found["total"] == 12
    assert found["gender"] == [
        {"name": "female", "count": 7, "percent": 58.3}, {"name": "other", "count": 5, "percent": 41.7}
    ]  # fmt: skip
    assert found["age"] == [{"name": "18-24", "count": 12, "percent": 100.0}]


def test_an_audience_that_is_too_small_is_not_told(as_ada: FlaskClient, db: Database, ada: Document) -> None:
    for _ in range(4):
        make_follow(db, make_user(db, gender="female"), ada)
    found = data(as_ada, "audience")["demographics"]
    assert found == {"total": 4, "gender": [], "age": [], "country": []}


def test_earnings_are_what_came_into_one_s_wallets(
    as_ada: FlaskClient, db: Database, ada: Document, bob: Document
) -> None:
    now = clock.now()
    for user, amount, currency, kind in (
        (ada, Int64(70), "coins", "gift_received"), (ada, Int64(-5), "coins", "gift_received"),
        (ada, Int64(500), "coins", "coin_purchase"), (ada, Decimal128("12.50"), "USD", "earning"),
        (bob, Int64(9), "coins", "gift_received"),
    ):  # fmt: skip
        wallet = {"userId": user["_id"], "currency": currency}
        db["wallets"].update_one(wallet, {"$set": wallet}, upsert=True)
        wallet_id = db["wallets"].find_one(wallet)["_id"]
        db["transactions"].insert_one(
            {"walletId": wallet_id, "userId": user["_id"], "amount": amount, "currency": currency, "type": kind,
             "status": "completed", "createdAt": now}
        )  # fmt: skip
    found = data(as_ada, "earnings")["earnings"]
    assert found["totals"] == [{"currency": "USD", "amount": 12.5}, {"currency": "coins", "amount": 70}]
    assert [(day["type"], day["amount"]) for day in found["daily"]] == [("earning", 12.5), ("gift_received", 70)]


def test_a_post_s_figures_are_for_its_author_and_administrators(
    as_ada: FlaskClient, as_bob: FlaskClient, as_admin: FlaskClient, db: Database, ada: Document
) -> None:
    post = make_post(db, ada, viewsCount=5)
    db["views"].insert_many([{"contentId": post["_id"], "viewedAt": clock.now() - timedelta(days=1)}] * 1)
    db["likes"].insert_one({"contentId": post["_id"], "userId": ada["_id"], "createdAt": clock.now()})
    for client in (as_ada, as_admin):
        found = data(client, f"content/{post['_id']}")
        assert len(found["metrics"]) == 30
        assert [found["metrics"][-2]["views"], found["metrics"][-1]["likes"]] == [1, 1]
        assert found["content"]["viewsCount"] == 5
    assert as_bob.get(f"/api/analytics/content/{post['_id']}").status_code == 404
    assert [each["viewsCount"] for each in data(as_ada, "top-content")["content"]] == [5]
    assert data(as_bob, "top-content")["content"] == []
