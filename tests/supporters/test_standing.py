"""Tiers and badges follow what was really given."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import realtime
from tests.factories.auth import client_of
from tests.factories.gifts import make_gift, send
from tests.factories.supporters import make_badges, make_tiers
from tests.factories.users import make_user
from tests.factories.wallets import give
from tests.plans import faults, profiled

User = dict[str, Any]


def standing(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/supporters/balance")
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json["data"]["standing"]
    return found


def badges(client: FlaskClient) -> list[str]:
    return [held["badge"]["name"] for held in client.get("/api/badges/my-badges").json["data"]["badges"]]


@pytest.mark.parametrize(
    ("spent", "tier", "missing"),
    [(1, "bronze", 499), (499, "bronze", 1), (500, "silver", 1500), (2000, "gold", 3000), (10_000, "diamond", None)],
)
def test_a_tier_is_reached_by_what_was_given(
    db: Database, as_ada: FlaskClient, bob: User, spent: int, tier: str, missing: int | None
) -> None:
    make_tiers(db)
    assert send(as_ada, make_gift(db, spent), bob["_id"]).status_code == 201
    found = standing(as_ada)
    assert (found["spent"], found["tier"]["name"], found["toNextTier"]) == (spent, tier, missing)


def test_without_gifts_one_stands_at_the_first_tier_and_without_tiers_nowhere(
    db: Database, as_ada: FlaskClient
) -> None:
    assert standing(as_ada) == {"spent": 0, "tier": None, "nextTier": None, "toNextTier": None}
    make_tiers(db)
    found = standing(as_ada)
    assert (found["tier"]["name"], found["nextTier"]["name"]) == ("bronze", "silver")


def test_a_counter_in_the_database_raises_nobody(db: Database, ada: User, as_ada: FlaskClient) -> None:
    make_tiers(db)
    db["usercreditbalances"].insert_one({"user": ada["_id"], "tier": "diamond", "lifetime": {"totalSpent": 10**6}})
    assert standing(as_ada)["tier"]["name"] == "bronze"


def test_the_balance_of_somebody_else_is_for_administrators(
    ada: User, as_ada: FlaskClient, as_bob: FlaskClient, as_admin: FlaskClient
) -> None:
    path = f"/api/supporters/balance/{ada['_id']}"
    assert as_ada.get(path).json["data"]["balance"] == 100_000
    assert as_admin.get(path).json["data"]["balance"] == 100_000
    assert as_bob.get(path).status_code == 404


def test_a_badge_is_earned_by_the_gift_that_reaches_it_once(
    db: Database, app: Flask, ada: User, as_ada: FlaskClient, bob: User
) -> None:
    make_badges(db)
    heard: list[tuple[str, str]] = []

    def hear(event: str, room: str) -> None:
        heard.append((event, room))

    realtime.emitted.connect(hear)
    rose = make_gift(db, 10)
    for _ in range(3):
        send(as_ada, rose, bob["_id"])
    assert badges(as_ada) == ["first_gift"]
    assert heard.count(("badge:earned", f"user_{ada['_id']}")) == 1
    send(as_ada, make_gift(db, 970), bob["_id"])
    assert sorted(badges(as_ada)) == ["first_gift", "generous"]
    assert db["supporterbadges"].find_one({"name": "first_gift"})["availability"]["awardedCount"] == 1


def test_a_creator_earns_a_badge_by_many_supporters(db: Database, app: Flask, bob: User, as_bob: FlaskClient) -> None:
    popular = make_badges(db)["popular_creator"]
    db["supporterbadges"].update_one({"_id": popular["_id"]}, {"$set": {"requirements.value": 2}})
    rose = make_gift(db, 1)
    for held in ([], ["popular_creator"]):
        fan = make_user(db)
        give(fan["_id"], 5)
        send(client_of(app, fan), rose, bob["_id"])
        assert badges(as_bob) == held


def test_a_badge_that_is_no_longer_given_is_not_earned(db: Database, as_ada: FlaskClient, bob: User) -> None:
    make_badges(db)
    db["supporterbadges"].update_many({}, {"$set": {"status": "inactive"}})
    send(as_ada, make_gift(db, 10), bob["_id"])
    assert badges(as_ada) == []


def test_progress_is_what_is_there_of_what_is_needed(db: Database, as_ada: FlaskClient, bob: User) -> None:
    make_badges(db)
    send(as_ada, make_gift(db, 100), bob["_id"], quantity=4)
    progress = as_ada.get("/api/badges/progress").json["data"]["progress"]
    found = {
        each["badge"]["name"]: (each["current"], each["target"], each["percentage"], each["earned"])
        for each in progress
    }
    assert found["first_gift"] == (1, 1, 100, True)
    assert found["generous"] == (400, 1000, 40, False)
    assert found["loyal_supporter"] == (1, 30, 3, False)
    assert found["popular_creator"] == (0, 100, 0, False)


def test_one_counts_ones_badges(db: Database, as_ada: FlaskClient, bob: User) -> None:
    make_badges(db)
    send(as_ada, make_gift(db, 1000), bob["_id"])
    stats = as_ada.get("/api/badges/stats").json["data"]["stats"]
    assert stats == {"earned": 2, "total": 6, "points": 30, "byRarity": {"common": 1, "rare": 1}}


def test_a_badge_is_checked(db: Database, as_ada: FlaskClient, bob: User) -> None:
    catalogue = make_badges(db)
    send(as_ada, make_gift(db, 10), bob["_id"])
    for name, earned in (("first_gift", True), ("generous", False)):
        answer = as_ada.get(f"/api/badges/{catalogue[name]['_id']}/check")
        assert answer.json["data"] == {"earned": earned}
    assert as_ada.get("/api/badges/64b7f3a2c9e77a0012ab34cd/check").status_code == 404


def test_an_administrator_awards_a_badge_once_and_it_is_on_record(
    db: Database, ops_db: Database, bob: User, as_admin: FlaskClient, as_bob: FlaskClient
) -> None:
    badge = make_badges(db)["legendary_gifter"]
    body = {"userId": str(bob["_id"]), "badgeId": str(badge["_id"]), "note": "For a year of kindness"}
    answer = as_admin.post("/api/supporters/badges/award", json=body)
    assert (answer.status_code, answer.json["data"]["badge"]["awardedBy"]) == (201, "admin")
    assert badges(as_bob) == ["legendary_gifter"]
    again = as_admin.post("/api/supporters/badges/award", json=body)
    assert (again.status_code, again.json["code"]) == (409, "badge_held")
    (entry,) = ops_db["auditlog"].find({"action": "badge.awarded"})
    assert entry["changes"]["after"]["badge"] == "legendary_gifter"


@pytest.mark.parametrize("missing", ["userId", "badgeId"])
def test_nothing_is_awarded_to_nobody_or_that_is_not_there(
    db: Database, bob: User, as_admin: FlaskClient, missing: str
) -> None:
    body = {"userId": str(bob["_id"]), "badgeId": str(make_badges(db)["generous"]["_id"])}
    answer = as_admin.post("/api/supporters/badges/award", json=body | {missing: "64b7f3a2c9e77a0012ab34cd"})
    assert answer.status_code == 404
    assert db["userbadges"].count_documents({}) == 0


def test_only_administrators_award(db: Database, bob: User, as_ada: FlaskClient) -> None:
    body = {"userId": str(bob["_id"]), "badgeId": str(make_badges(db)["generous"]["_id"])}
    assert as_ada.post("/api/supporters/badges/award", json=body).status_code == 403


def test_badges_that_have_run_out_are_listed_when_they_are_asked_for(
    db: Database, as_ada: FlaskClient, ada: User, bob: User
) -> None:
    make_badges(db)
    send(as_ada, make_gift(db, 10), bob["_id"])
    db["userbadges"].update_one({"user": ada["_id"]}, {"$set": {"isExpired": True}})
    assert badges(as_ada) == []
    shown = as_ada.get("/api/supporters/badges/user?includeExpired=true").json["data"]["badges"]
    assert [held["badge"]["name"] for held in shown] == ["first_gift"]
    assert as_ada.get(f"/api/badges/creator/{ada['_id']}?includeExpired=true").json["data"]["badges"] == shown


def test_the_catalogue_is_listed_in_its_order_and_filtered(db: Database, as_ada: FlaskClient) -> None:
    make_badges(db)
    listed = as_ada.get("/api/badges").json["data"]
    assert [badge["name"] for badge in listed["badges"]][:2] == ["first_gift", "generous"]
    assert listed["pagination"]["total"] == 6
    epic = as_ada.get("/api/supporters/badges?rarity=epic").json["data"]["badges"]
    assert [badge["name"] for badge in epic] == ["super_supporter", "popular_creator"]
    assert as_ada.get("/api/badges?rarity=shiny").status_code == 400


def test_a_slim_badge_of_the_existing_system_is_shown_as_well(db: Database, as_ada: FlaskClient) -> None:
    slim = {"name": "old", "requirement": "gifts", "threshold": 5, "rarity": "rare", "status": "active", "order": 0}
    key = db["supporterbadges"].insert_one(slim).inserted_id
    shown = as_ada.get(f"/api/badges/{key}").json["data"]["badge"]
    assert (shown["rarity"], shown["requirements"][0]["value"], shown["displayName"]) == ("rare", 5, "old")


def test_rankings_are_by_coins_given(db: Database, app: Flask, as_ada: FlaskClient, ada: User, bob: User) -> None:
    eve = make_user(db)
    give(eve["_id"], 500)
    send(as_ada, make_gift(db, 100), bob["_id"])
    send(client_of(app, eve), make_gift(db, 300), bob["_id"])
    expected = [(1, eve["username"], 300), (2, ada["username"], 100)]
    for path in (
        "/api/supporters/leaderboard/gifting?period=today",
        "/api/badges/leaderboard?timeframe=week",
        f"/api/badges/leaderboard?creatorId={bob['_id']}",
        f"/api/supporters/gifts/top-gifters/{bob['_id']}?period=alltime",
    ):
        data = as_ada.get(path).json["data"]
        lines = data.get("leaderboard") or data["supporters"]
        assert [(line["rank"], line["user"]["username"], line["totalCoins"]) for line in lines] == expected, path


def test_a_creator_thanks_once_for_each_gift(db: Database, as_ada: FlaskClient, as_bob: FlaskClient, bob: User) -> None:
    record = send(as_ada, make_gift(db, 10), bob["_id"]).json["data"]["transaction"]["_id"]
    path = f"/api/supporters/gifts/thankyou/{record}"
    assert as_ada.post(path, json={"message": "Me!"}).status_code == 404
    assert as_bob.post(path, json={"message": " "}).status_code == 400
    assert as_bob.post(path, json={"message": "Thank you"}).json["data"]["message"] == "Thank you"
    assert as_bob.post(path, json={"message": "Again"}).json["code"] == "already_thanked"


def test_the_names_of_the_supporters_screens_send_a_gift(db: Database, as_ada: FlaskClient, bob: User) -> None:
    body = {"giftId": str(make_gift(db, 10)["_id"]), "receiverId": str(bob["_id"]), "anonymous": True, "quantity": 2}
    answer = as_ada.post("/api/supporters/gifts/send", json=body)
    assert answer.status_code == 201, answer.json
    assert answer.json["data"]["transaction"]["isAnonymous"] is True
    (shown,) = as_ada.get("/api/supporters/gifts/transactions?type=sent").json["data"]["transactions"]
    assert shown["quantity"] == 2


def test_standings_are_found_by_indexes(db: Database, ops_db: Database, as_ada: FlaskClient, bob: User) -> None:
    make_badges(db)
    make_tiers(db)
    send(as_ada, make_gift(db, 10), bob["_id"])
    paths = (
        "/api/supporters/balance",
        "/api/badges",
        "/api/badges/progress",
        "/api/badges/my-badges",
        "/api/badges/stats",
    )
    with profiled(db) as entries:
        for path in (*paths, "/api/supporters/tiers"):
            assert as_ada.get(path).status_code == 200
    assert faults(entries) == []


def test_the_ranking_of_buyers_reads_its_rows_by_an_index(db: Database, as_ada: FlaskClient) -> None:
    with profiled(db) as entries:
        for period in ("week", "all"):
            assert as_ada.get(f"/api/supporters/leaderboard/spenders?period={period}").status_code == 200
    rankings = [entry for entry in entries if entry["ns"].endswith(".transactions")]
    assert [entry["planSummary"].split()[0] for entry in rankings] == ["IXSCAN", "IXSCAN"]
