"""Sending a gift: what moves, what is stored, and what is refused without leaving a trace."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.gifts.services import counting, gift_sent
from mixillo.blueprints.wallets.models import REVENUE
from mixillo.blueprints.wallets.queries import books
from mixillo.blueprints.wallets.services import ledger
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.gifts import ROSE, make_gift, make_post, make_stream, send
from tests.factories.users import make_user, unknown_id
from tests.factories.wallets import balance, give
from tests.waiting import wait_until

User = dict[str, Any]
HOUR = timedelta(hours=1)


def coins(db: Database, user: User) -> int:
    return balance(db, ledger.user(user["_id"]))


def assert_nothing_happened(db: Database, ada: User, there: int = 1_000) -> None:
    assert coins(db, ada) == there
    assert db["gifttransactions"].count_documents({}) == 0
    assert books.reconcile().is_clean


def test_a_gift_moves_its_price_to_the_creator_and_the_house(
    db: Database, as_ada: FlaskClient, ada: User, bob: User
) -> None:
    gift = make_gift(db, 15)
    answer = send(as_ada, gift, bob["_id"], quantity=3, message=" For you ")
    assert answer.status_code == 201, answer.json
    data = answer.json["data"]
    assert (data["newBalance"], data["recipientEarnings"]) == (955, 31)
    assert (coins(db, ada), coins(db, bob)) == (955, 31)
    found = books.reconcile()
    assert found.is_clean
    assert found.house[REVENUE]["coins"] == 14
    shown = data["transaction"]
    assert answer.headers["Location"] == f"/api/gifts/transactions/{shown['_id']}"
    assert (shown["totalCost"], shown["totalCoinCost"], shown["unitPrice"], shown["quantity"]) == (45, 45, 15, 3)
    assert (shown["sender"]["username"], shown["recipient"]["username"]) == (ada["username"], bob["username"])
    assert (shown["gift"]["name"], shown["gift"]["imageUrl"], shown["message"]) == ("Rose", ROSE, "For you")


def test_the_record_names_the_row_of_the_wallet_and_both_rows_name_the_record(
    db: Database, as_ada: FlaskClient, ada: User, bob: User
) -> None:
    post = make_post(db, bob["_id"])
    send(as_ada, make_gift(db), bob["_id"], context="video", contentId=str(post))
    record = db["gifttransactions"].find_one()
    sent, received = (db["transactions"].find_one({"referenceId": record["_id"], "type": kind}) for kind in TYPES)
    assert (record["walletTransactionId"], record["contentId"]) == (sent["_id"], post)
    assert (sent["userId"], sent["relatedUserId"], sent["amount"]) == (ada["_id"], bob["_id"], -10)
    assert (received["userId"], received["relatedUserId"], received["amount"]) == (bob["_id"], ada["_id"], 7)
    assert {row["relatedContentId"] for row in (sent, received)} == {post}
    assert db["wallets"].find_one({"userId": bob["_id"]})["totalEarnings"] == 7


TYPES = ("gift_sent", "gift_received")


@pytest.mark.parametrize(("percent", "earned"), [(0, 0), (100, 10), (50, 5), (33.3, 3), (250, 10), (-5, 0), (None, 7)])
def test_a_part_of_nothing_is_not_moved(
    db: Database, as_ada: FlaskClient, ada: User, bob: User, percent: float | None, earned: int
) -> None:
    gift = make_gift(db, creatorEarningsPercent=percent)
    if percent is None:
        db["gifts"].update_one({}, {"$unset": {"creatorEarningsPercent": ""}})
    assert send(as_ada, gift, bob["_id"]).json["data"]["recipientEarnings"] == earned
    assert (coins(db, ada), coins(db, bob)) == (990, earned)
    assert books.reconcile().is_clean


def test_a_gift_of_one_coin_is_all_for_the_house(db: Database, as_ada: FlaskClient, ada: User, bob: User) -> None:
    assert send(as_ada, make_gift(db, 1), bob["_id"]).json["data"]["recipientEarnings"] == 0
    assert (coins(db, ada), coins(db, bob)) == (999, 0)


def test_who_has_too_little_is_told_how_much_is_missing(
    db: Database, as_ada: FlaskClient, ada: User, bob: User
) -> None:
    answer = send(as_ada, make_gift(db, 11), bob["_id"], quantity=100)
    assert (answer.status_code, answer.json["code"]) == (409, "insufficient_funds")
    assert (answer.json["required"], answer.json["available"]) == (1_100, 1_000)
    assert_nothing_happened(db, ada)


def test_nobody_gives_to_himself(db: Database, as_ada: FlaskClient, ada: User) -> None:
    answer = send(as_ada, make_gift(db), ada["_id"])
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "recipientId")
    assert_nothing_happened(db, ada)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"isActive": False}, 404, "gift_not_found"),
        ({"availableFrom": clock.now() + HOUR}, 409, "gift_not_available"),
        ({"availableUntil": clock.now() - HOUR}, 409, "gift_not_available"),
        ({"currency": "USD"}, 409, "gift_not_available"),
        ({"price": 0}, 409, "gift_not_available"),
        ({"price": -5}, 409, "gift_not_available"),
        ({"price": 1e15}, 409, "gift_not_available"),
    ],
)
def test_what_is_not_for_sale_cannot_be_given(
    db: Database, as_ada: FlaskClient, ada: User, bob: User, fields: dict[str, Any], status: int, code: str
) -> None:
    answer = send(as_ada, make_gift(db, **fields), bob["_id"])
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert_nothing_happened(db, ada)


def test_an_unknown_gift_or_person_is_a_404(db: Database, as_ada: FlaskClient, ada: User, bob: User) -> None:
    gift = make_gift(db)
    assert send(as_ada, {"_id": unknown_id()}, bob["_id"]).json["code"] == "gift_not_found"
    assert send(as_ada, gift, unknown_id()).json["code"] == "USER_NOT_FOUND"
    for status in ("inactive", "banned", "suspended"):
        assert send(as_ada, gift, make_user(db, status=status)["_id"]).json["code"] == "USER_NOT_FOUND"
    assert_nothing_happened(db, ada)


def test_nobody_gives_across_a_block(db: Database, as_ada: FlaskClient, ada: User, bob: User) -> None:
    gift = make_gift(db)
    db["blockedusers"].insert_one({"userId": bob["_id"], "blockedUserId": ada["_id"]})
    answer = send(as_ada, gift, bob["_id"])
    assert (answer.status_code, answer.json["code"]) == (404, "USER_NOT_FOUND")
    db["blockedusers"].delete_many({})
    db["blockedusers"].insert_one({"userId": ada["_id"], "blockedUserId": bob["_id"]})
    answer = send(as_ada, gift, bob["_id"])
    assert (answer.status_code, answer.json["code"]) == (409, "USER_BLOCKED")
    assert_nothing_happened(db, ada)


def test_nothing_is_given_out_of_a_frozen_wallet(db: Database, as_ada: FlaskClient, ada: User, bob: User) -> None:
    db["wallets"].update_one({"userId": ada["_id"]}, {"$set": {"isLocked": True}})
    assert send(as_ada, make_gift(db), bob["_id"]).json["code"] == "wallet_frozen"
    assert_nothing_happened(db, ada)


@pytest.mark.parametrize(
    "body",
    [
        {"quantity": 0},
        {"quantity": 101},
        {"quantity": 1.5},
        {"quantity": "3"},
        {"quantity": True},
        {"context": "party"},
        {"context": "livestream"},
        {"context": "video"},
        {"context": "livestream", "livestreamId": None},
        {"message": "x" * 501},
        {"recipientId": "somebody"},
        {"giftId": {"$gt": ""}},
        {"isAnonymous": "yes"},
        # What only the server says.
        {"senderId": str(ObjectId())},
        {"price": 1},
        {"unitPrice": 1},
        {"totalCost": 1},
        {"creatorEarnings": 1_000},
        {"creatorEarningsPercent": 100},
        {"status": "completed"},
        {"_id": str(ObjectId())},
        {"walletTransactionId": str(ObjectId())},
        {"currency": "USD"},
    ],
)
def test_a_body_that_says_too_much_or_nonsense_is_a_400(
    db: Database, as_ada: FlaskClient, ada: User, bob: User, body: dict[str, Any]
) -> None:
    whole = {"giftId": str(make_gift(db)["_id"]), "recipientId": str(bob["_id"])} | body
    answer = as_ada.post("/api/gifts/send", json=whole)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] in {*body, "livestreamId", "contentId"}
    assert_nothing_happened(db, ada)


@pytest.mark.parametrize("name", ["livestreamId", "liveStreamId"])
def test_a_livestream_is_named_under_either_name(db: Database, as_ada: FlaskClient, bob: User, name: str) -> None:
    stream = make_stream(db, bob["_id"])
    answer = send(as_ada, make_gift(db), bob["_id"], context="livestream", **{name: str(stream)})
    shown = answer.json["data"]["transaction"]
    assert (shown["livestreamId"], shown["liveStreamId"], shown["context"]) == (str(stream), str(stream), "livestream")
    assert db["gifttransactions"].find_one()["livestreamId"] == stream


@pytest.mark.parametrize("context", ["livestream", "video", "profile", "message"])
def test_a_place_must_be_there_be_the_recipients_and_take_gifts(
    db: Database, as_ada: FlaskClient, ada: User, bob: User, context: str
) -> None:
    other = make_user(db)["_id"]
    streams = [unknown_id(), make_stream(db, other), make_stream(db, bob["_id"], status="ended")]
    streams.append(make_stream(db, bob["_id"], allowGifts=False, status="scheduled"))
    posts = [unknown_id(), make_post(db, other), make_post(db, bob["_id"], status="removed")]
    mine = {"livestreamId": str(make_stream(db, bob["_id"])), "contentId": str(make_post(db, bob["_id"]))}
    gift = make_gift(db)
    for name, wrong in (("livestreamId", streams), ("contentId", posts)):
        for place in wrong:
            answer = send(as_ada, gift, bob["_id"], context=context, **mine | {name: str(place)})
            assert (answer.status_code, answer.json["code"]) == (404, "gift_place_not_found"), (name, place)
    assert_nothing_happened(db, ada)
    assert send(as_ada, gift, bob["_id"], context=context, **mine).status_code == 201


def test_gifts_are_counted_and_counts_that_were_lost_are_made_up_for(
    db: Database, as_ada: FlaskClient, bob: User
) -> None:
    gift, never = make_gift(db), make_gift(db, popularity=3)
    send(as_ada, gift, bob["_id"], quantity=2)
    counted = {"timesSent": 2, "popularity": 2, "totalRevenue": 20}
    wait_until(lambda: {name: db["gifts"].find_one({"_id": gift["_id"]})[name] for name in counted} == counted)
    db["gifts"].update_one({"_id": gift["_id"]}, {"$set": {"timesSent": 1}, "$unset": {"popularity": ""}})
    assert counting.recount() == 2
    assert counting.recount() == 0
    assert {name: db["gifts"].find_one({"_id": gift["_id"]})[name] for name in counted} == counted
    assert db["gifts"].find_one({"_id": never["_id"]})["popularity"] == 0


def test_other_features_hear_of_a_gift_once_it_is_booked(db: Database, as_ada: FlaskClient, bob: User) -> None:
    heard: list[tuple[Any, int]] = []

    def listener(_sender: Any, transaction: dict[str, Any]) -> None:
        heard.append((transaction["recipientId"], db["gifttransactions"].count_documents({"_id": transaction["_id"]})))

    with gift_sent.connected_to(listener):
        send(as_ada, make_gift(db), bob["_id"])
        send(as_ada, make_gift(db, 5_000), bob["_id"])
    assert heard == [(bob["_id"], 1)]


def test_one_may_ask_beforehand_whether_one_can_afford_it(db: Database, as_ada: FlaskClient, ada: User) -> None:
    gift = make_gift(db, 300)
    ask = {"giftId": str(gift["_id"]), "quantity": 3}
    asked = as_ada.post("/api/gifts/check-affordability", json=ask).json["data"]
    assert asked == {"canAfford": True, "balance": 1_000, "available": 1_000, "cost": 900}
    assert not as_ada.post("/api/gifts/check-affordability", json=ask | {"quantity": 4}).json["data"]["canAfford"]
    db["wallets"].update_one({"userId": ada["_id"]}, {"$set": {"pending": 101}})
    asked = as_ada.post("/api/gifts/check-affordability", json=ask).json["data"]
    assert asked == {"canAfford": False, "balance": 1_000, "available": 899, "cost": 900}
    db["wallets"].update_one({"userId": ada["_id"]}, {"$set": {"pending": 0, "isLocked": True}})
    assert not as_ada.post("/api/gifts/check-affordability", json=ask).json["data"]["canAfford"]


def test_who_has_no_wallet_can_afford_nothing(db: Database, app: Flask) -> None:
    ask = {"giftId": str(make_gift(db)["_id"])}
    data = client_of(app, make_user(db)).post("/api/gifts/check-affordability", json=ask).json["data"]
    assert data == {"canAfford": False, "balance": 0, "available": 0, "cost": 10}


def test_what_was_earned_can_be_given_away(
    db: Database, as_ada: FlaskClient, as_bob: FlaskClient, ada: User, bob: User
) -> None:
    gift = make_gift(db)
    send(as_ada, gift, bob["_id"], quantity=10)
    assert send(as_bob, gift, ada["_id"], quantity=7).status_code == 201
    assert (coins(db, ada), coins(db, bob)) == (949, 0)
    give(bob["_id"], 1)
    assert books.reconcile().is_clean
