"""The catalogue in the hands of administrators: strictly read, recorded, and nothing that was sent is lost."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.gifts import ROSE, make_gift, send
from tests.factories.users import make_user, unknown_id

User = dict[str, Any]
ROSE_FORM = {"name": "Rose", "coinPrice": 5, "imageUrl": ROSE}
PATHS = ["/api/gifts", "/api/gifts/mongodb"]


@pytest.mark.parametrize("path", PATHS)
def test_an_administrator_adds_a_gift_in_the_words_of_the_form(db: Database, as_admin: FlaskClient, path: str) -> None:
    form = ROSE_FORM | {"rarity": "epic", "featured": True, "availableFrom": "2026-01-01T01:00:00.123456+01:00"}
    answer = as_admin.post(path, json=form)
    assert answer.status_code == 201, answer.json
    shown = answer.json["data"]["gift"]
    assert answer.headers["Location"] == f"/api/gifts/{shown['_id']}"
    assert (shown["price"], shown["icon"], shown["isFeatured"]) == (5, ROSE, True)
    assert shown["availableFrom"] == "2026-01-01T00:00:00.123Z"
    stored = db["gifts"].find_one()
    assert (stored["price"], stored["category"], stored["creatorEarningsPercent"]) == (5, "standard", 70)
    assert (stored["timesSent"], stored["isActive"], stored["currency"]) == (0, True, "coins")
    assert not {"coinPrice", "imageUrl", "featured"} & stored.keys()


def test_the_stored_names_are_understood_too_and_a_sign_is_an_icon(db: Database, as_admin: FlaskClient) -> None:
    answer = as_admin.post("/api/gifts", json={"name": "Rose", "price": 5, "icon": "🌹", "creatorEarningsPercent": 0})
    assert (answer.status_code, answer.json["data"]["gift"]["imageUrl"]) == (201, "🌹")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"coinPrice": 0}, "coinPrice"),
        ({"coinPrice": 1.5}, "coinPrice"),
        ({"coinPrice": 10**9 + 1}, "coinPrice"),
        ({"price": 6}, "coinPrice"),
        ({"imageUrl": "javascript:alert(1)"}, "imageUrl"),
        ({"animationUrl": "data:text/html,x"}, "animationUrl"),
        ({"animation": "spin"}, "animation"),
        ({"rarity": "shiny"}, "rarity"),
        ({"creatorEarningsPercent": 101}, "creatorEarningsPercent"),
        ({"isActive": "true"}, "isActive"),
        ({"availableUntil": "tomorrow"}, "availableUntil"),
        ({"availableUntil": "2026-01-01T00:00:00"}, "availableUntil"),
        ({"availableFrom": "2026-02-01T00:00:00Z", "availableUntil": "2026-01-01T00:00:00Z"}, "availableUntil"),
        # What only the server counts.
        ({"timesSent": 9}, "timesSent"),
        ({"popularity": 9}, "popularity"),
        ({"totalRevenue": 9}, "totalRevenue"),
        ({"_id": "0" * 24}, "_id"),
        ({"currency": "USD"}, "currency"),
        ({"$set": {}}, "$set"),
    ],
)
def test_a_form_that_cannot_be_is_a_400(db: Database, as_admin: FlaskClient, wrong: dict[str, Any], field: str) -> None:
    gift = make_gift(db, name="Before")
    for answer in (
        as_admin.post("/api/gifts", json=ROSE_FORM | wrong),
        as_admin.put(f"/api/gifts/{gift['_id']}", json=ROSE_FORM | wrong),
    ):
        assert answer.status_code == 400
        assert field in [error["field"] for error in answer.json["errors"]]
    assert list(db["gifts"].find()) == [gift]


def test_everything_that_is_missing_is_named_at_once(db: Database, as_admin: FlaskClient) -> None:
    answer = as_admin.post("/api/gifts", json={})
    assert answer.status_code == 400
    assert "name" in {error["field"] for error in answer.json["errors"]}
    answer = as_admin.post("/api/gifts", json={"name": "Rose"})
    assert {error["field"] for error in answer.json["errors"]} == {"price", "icon"}


def test_a_change_leaves_the_rest_and_what_was_sent(
    db: Database, as_admin: FlaskClient, as_ada: FlaskClient, bob: User
) -> None:
    gift = make_gift(db, category="party")
    send(as_ada, gift, bob["_id"])
    answer = as_admin.put(f"/api/gifts/{gift['_id']}", json={"coinPrice": 20, "description": None})
    assert (answer.status_code, answer.json["data"]["gift"]["price"]) == (200, 20)
    assert answer.json["data"]["gift"]["category"] == "party"
    assert db["gifttransactions"].find_one()["unitPrice"] == 10
    assert as_admin.put(f"/api/gifts/{unknown_id()}", json={"coinPrice": 20}).status_code == 404


def test_a_season_is_checked_against_what_is_stored(db: Database, as_admin: FlaskClient) -> None:
    gift = as_admin.post("/api/gifts", json=ROSE_FORM | {"availableFrom": "2026-06-01T00:00:00Z"}).json["data"]["gift"]
    path = f"/api/gifts/{gift['_id']}"
    assert as_admin.put(path, json={"availableUntil": "2026-05-01T00:00:00Z"}).status_code == 400
    both = {"availableUntil": "2026-05-01T00:00:00Z", "availableFrom": None}
    assert as_admin.put(path, json=both).json["data"]["gift"]["availableFrom"] is None


def test_a_gift_that_was_sent_is_withdrawn_and_another_is_gone(
    db: Database, as_admin: FlaskClient, as_ada: FlaskClient, bob: User
) -> None:
    sent, unsent = make_gift(db), make_gift(db)
    send(as_ada, sent, bob["_id"])
    deleted = [as_admin.delete(f"/api/gifts/{gift['_id']}").json["data"]["deleted"] for gift in (sent, unsent)]
    assert deleted == [False, True]
    (left,) = db["gifts"].find()
    assert (left["_id"], left["isActive"]) == (sent["_id"], False)
    assert as_admin.delete(f"/api/gifts/{unsent['_id']}").status_code == 404
    assert as_ada.get("/api/gifts").json["data"]["gifts"] == []
    whole = as_admin.get("/api/gifts/admin/all").json["data"]["gifts"]
    assert [gift["_id"] for gift in whole] == [str(sent["_id"])]


def test_every_change_is_recorded_with_what_was_before(
    db: Database, ops_db: Database, as_admin: FlaskClient, as_ada: FlaskClient, bob: User
) -> None:
    path = f"/api/gifts/{as_admin.post('/api/gifts', json=ROSE_FORM).json['data']['gift']['_id']}"
    as_admin.put(path, json={"coinPrice": 10})
    send(as_ada, db["gifts"].find_one(), bob["_id"])
    as_admin.delete(path)
    other = f"/api/gifts/{make_gift(db)['_id']}"
    as_admin.delete(other)
    entries = list(ops_db["auditlog"].find({"target": "gifts"}, sort=[("_id", 1)]))
    assert [entry["action"] for entry in entries] == ["gift.created", "gift.changed", "gift.withdrawn", "gift.removed"]
    assert entries[1]["changes"] == {"before": {"price": 5}, "after": {"price": 10}}
    assert entries[2]["changes"] == {"before": {"isActive": True}, "after": {"isActive": False}}
    assert entries[3]["changes"]["before"]["name"] == "Rose"
    assert {entry["actor"]["kind"] for entry in entries} == {"user"}
    assert all(entry["requestId"] for entry in entries)


def test_a_refused_change_is_not_recorded(db: Database, ops_db: Database, as_admin: FlaskClient) -> None:
    as_admin.put(f"/api/gifts/{unknown_id()}", json={"coinPrice": 10})
    as_admin.delete(f"/api/gifts/{unknown_id()}")
    assert ops_db["auditlog"].count_documents({"target": "gifts"}) == 0


def test_the_overview_counts_what_was_sent(db: Database, as_admin: FlaskClient, as_ada: FlaskClient, bob: User) -> None:
    rose, tulip = make_gift(db), make_gift(db, 100, name="Tulip")
    send(as_ada, rose, bob["_id"], quantity=3)
    send(as_ada, tulip, bob["_id"])
    expected = {"totalGifts": 2, "totalRevenue": "130", "giftsSentToday": 4, "popularGift": "Rose"}
    for path in PATHS:
        assert as_admin.get(f"{path}/stats/overview").json["data"] == expected


def test_the_overview_of_nothing_is_nothing(db: Database, as_admin: FlaskClient) -> None:
    nothing = {"totalGifts": 0, "totalRevenue": "0", "giftsSentToday": 0, "popularGift": None}
    assert as_admin.get("/api/gifts/stats/overview").json["data"] == nothing


ADMIN_ROUTES = [
    ("get", "/admin/all"),
    ("get", "/stats/overview"),
    ("post", ""),
    ("put", "/{id}"),
    ("delete", "/{id}"),
    ("get", "/mongodb/stats/overview"),
    ("post", "/mongodb"),
    ("put", "/mongodb/{id}"),
    ("delete", "/mongodb/{id}"),
]
OWN_ROUTES = [
    ("get", "/sent"),
    ("get", "/received"),
    ("get", "/inventory"),
    ("get", "/stats"),
    ("get", "/transactions/{id}"),
    ("post", "/send"),
    ("post", "/mongodb/send"),
    ("post", "/check-affordability"),
]


@pytest.mark.parametrize(("method", "path"), ADMIN_ROUTES)
def test_only_administrators_touch_the_catalogue(app: Flask, db: Database, method: str, path: str) -> None:
    gift = make_gift(db)
    path = f"/api/gifts{path.format(id=gift['_id'])}"
    body = {"json": ROSE_FORM} if method in ("post", "put") else {}
    for role, status in ((None, 401), ("user", 403), ("seller", 403)):
        client = client_of(app, make_user(db, role=role) if role else None)
        assert getattr(client, method)(path, **body).status_code == status
    assert list(db["gifts"].find()) == [gift]
    superadmin = client_of(app, make_user(db, role="superadmin"))
    assert getattr(superadmin, method)(path, **body).status_code in (200, 201)


@pytest.mark.parametrize(("method", "path"), OWN_ROUTES)
def test_what_is_ones_own_needs_a_sign_in(app: Flask, db: Database, method: str, path: str) -> None:
    path = f"/api/gifts{path.format(id=unknown_id())}"
    assert getattr(client_of(app), method)(path).status_code == 401
    banned = make_user(db)
    client = client_of(app, banned)
    db["users"].update_one({"_id": banned["_id"]}, {"$set": {"status": "banned"}})
    assert getattr(client, method)(path).status_code in (401, 403)
