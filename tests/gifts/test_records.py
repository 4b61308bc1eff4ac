"""What people see of gifts: the two concerned, and of an anonymous one nobody who sent it."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.gifts.queries import rankings
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.gifts import make_gift, send
from tests.factories.users import make_user, unknown_id
from tests.factories.wallets import give

User = dict[str, Any]


def listed(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    return client.get(f"/api/gifts/{path}").json["data"]["transactions"]


def sent_days_ago(db: Database, record_id: str, days: float) -> None:
    at = clock.now() - timedelta(days=days)
    db["gifttransactions"].update_one({"_id": ObjectId(record_id)}, {"$set": {"createdAt": at}})


def test_both_sides_see_a_gift_and_nobody_else_does(
    db: Database, app: Flask, as_ada: FlaskClient, as_bob: FlaskClient, bob: User, as_admin: FlaskClient
) -> None:
    record = send(as_ada, make_gift(db), bob["_id"]).json["data"]["transaction"]
    path = f"/api/gifts/transactions/{record['_id']}"
    for client in (as_ada, as_bob):
        assert client.get(path).json["data"]["transaction"] == record
    assert (listed(as_ada, "sent"), listed(as_bob, "received")) == ([record], [record])
    assert (listed(as_ada, "received"), listed(as_bob, "sent")) == ([], [])
    for stranger in (client_of(app, make_user(db)), as_admin):
        assert stranger.get(path).status_code == 404
    assert as_ada.get(f"/api/gifts/transactions/{unknown_id()}").status_code == 404
    assert as_ada.get("/api/gifts/transactions/x").status_code == 400


def test_of_an_anonymous_gift_only_the_sender_knows_who_sent_it(
    db: Database, as_ada: FlaskClient, as_bob: FlaskClient, ada: User, bob: User
) -> None:
    record = send(as_ada, make_gift(db), bob["_id"], isAnonymous=True).json["data"]["transaction"]
    assert record["sender"]["username"] == ada["username"]
    path = f"/api/gifts/transactions/{record['_id']}"
    for shown in (as_bob.get(path).json["data"]["transaction"], *listed(as_bob, "received")):
        assert (shown["senderId"], shown["sender"], shown["isAnonymous"]) == (None, None, True)
    answers = [as_bob.get(f"/api/gifts/{each}") for each in ("received", "inventory", "stats", "leaderboard")]
    told = b"".join(answer.data for answer in [*answers, as_bob.get(path)])
    assert str(ada["_id"]).encode() not in told
    assert ada["username"].encode() not in told
    rows = list(db["transactions"].find({"userId": bob["_id"]}))
    assert len(rows) == 1
    assert ada["_id"] not in rows[0].values()
    assert listed(as_ada, "sent")[0]["senderId"] == str(ada["_id"])


def test_lists_are_newest_first_and_go_on_by_cursor(
    db: Database, as_ada: FlaskClient, as_bob: FlaskClient, bob: User
) -> None:
    gift = make_gift(db)
    made = [send(as_ada, gift, bob["_id"], quantity=n).json["data"]["transaction"]["_id"] for n in (1, 2, 3)]
    for client, path in ((as_ada, "sent"), (as_bob, "received")):
        first = client.get(f"/api/gifts/{path}?limit=2").json["data"]
        rest = listed(client, f"{path}?limit=2&cursor={first['pagination']['nextCursor']}")
        assert [each["_id"] for each in [*first["transactions"], *rest]] == made[::-1]
        assert first["pagination"]["total"] == 3


def test_a_record_keeps_what_the_gift_was_and_shows_who_left_no_more(
    db: Database, as_ada: FlaskClient, bob: User
) -> None:
    gift = make_gift(db)
    send(as_ada, gift, bob["_id"])
    db["gifts"].update_one({}, {"$set": {"name": "Thorn", "price": 99}})
    db["users"].update_one({"_id": bob["_id"]}, {"$set": {"status": "banned"}})
    (record,) = listed(as_ada, "sent")
    assert (record["gift"]["name"], record["gift"]["price"]) == ("Rose", 10)
    assert (record["recipient"], record["recipientId"]) == (None, str(bob["_id"]))


def test_the_inventory_adds_up_what_one_received_gift_by_gift(
    db: Database, as_ada: FlaskClient, as_bob: FlaskClient, bob: User
) -> None:
    rose, tulip = make_gift(db), make_gift(db, 20, name="Tulip")
    for gift, quantity in ((rose, 1), (tulip, 2), (rose, 3)):
        send(as_ada, gift, bob["_id"], quantity=quantity)
    held = as_bob.get("/api/gifts/inventory").json["data"]["inventory"]
    assert [(each["gift"]["name"], each["quantity"], each["earnings"]) for each in held] == [
        ("Rose", 4, 28),
        ("Tulip", 2, 28),
    ]
    assert as_ada.get("/api/gifts/inventory").json["data"]["inventory"] == []
    db["gifts"].delete_one({"_id": tulip["_id"]})
    held = as_bob.get("/api/gifts/inventory").json["data"]["inventory"]
    assert (held[1]["giftId"], held[1]["gift"]) == (str(tulip["_id"]), None)


def test_stats_add_up_both_sides(db: Database, as_ada: FlaskClient, as_bob: FlaskClient, ada: User, bob: User) -> None:
    gift = make_gift(db)
    send(as_ada, gift, bob["_id"], quantity=2)
    record = send(as_ada, gift, bob["_id"], quantity=3).json["data"]["transaction"]
    sent_days_ago(db, record["_id"], 2)
    send(as_bob, gift, ada["_id"])
    nothing = {"spent": 0, "gifts": 0, "times": 0, "days": 0}
    assert as_ada.get("/api/gifts/stats").json["data"] == {
        "sent": {"spent": 50, "gifts": 5, "times": 2, "days": 2},
        "received": {"earned": 7, "gifts": 1, "times": 1, "supporters": 1},
    }
    assert as_bob.get("/api/gifts/stats").json["data"] == {
        "sent": nothing | {"spent": 10, "gifts": 1, "times": 1, "days": 1},
        "received": {"earned": 35, "gifts": 5, "times": 2, "supporters": 1},
    }


@pytest.fixture
def givers(app: Flask, db: Database, ada: User, bob: User) -> dict[str, str]:
    """Ada gave most at all, but long ago; Cleo gave today; Dan gave anonymously. Who gave what, by name."""
    gift = make_gift(db)
    gave = {}
    for name, quantity, days, hidden in (("ada", 50, 400, False), ("cleo", 5, 0, False), ("dan", 40, 0, True)):
        giver = ada if name == "ada" else make_user(db, username=name)
        give(giver["_id"], 1_000)
        record = send(client_of(app, giver), gift, bob["_id"], quantity=quantity, isAnonymous=hidden)
        sent_days_ago(db, record.json["data"]["transaction"]["_id"], days)
        gave[name] = str(giver["_id"])
    return gave


def ranks(client: FlaskClient, query: str) -> list[tuple[str, int, int]]:
    board = client.get(f"/api/gifts/leaderboard{query}").json["data"]["leaderboard"]
    assert [line["rank"] for line in board] == list(range(1, len(board) + 1))
    return [(line["userId"], line["totalCoins"], line["totalGifts"]) for line in board]


def test_the_leaderboard_ranks_senders_without_the_anonymous(client: FlaskClient, givers: dict[str, str]) -> None:
    ada, cleo = (givers["ada"], 500, 50), (givers["cleo"], 50, 5)
    assert ranks(client, "") == ranks(client, "?timeframe=all&by=senders") == [ada, cleo]
    assert ranks(client, "?limit=1") == [ada]
    for timeframe in ("today", "week", "month"):
        assert ranks(client, f"?timeframe={timeframe}") == [cleo]


def test_the_leaderboard_ranks_creators_with_the_anonymous(
    client: FlaskClient, givers: dict[str, str], bob: User
) -> None:
    assert ranks(client, "?by=creators") == [(str(bob["_id"]), 665, 95)]
    assert ranks(client, "?by=creators&timeframe=week") == [(str(bob["_id"]), 315, 45)]


def test_who_closed_the_account_is_not_ranked(client: FlaskClient, db: Database, givers: dict[str, str]) -> None:
    db["users"].update_one({"_id": ObjectId(givers["ada"])}, {"$set": {"status": "inactive"}})
    assert ranks(client, "") == [(givers["cleo"], 50, 5)]


def test_a_leaderboard_is_kept_for_a_while(
    app: Flask, client: FlaskClient, db: Database, givers: dict[str, str]
) -> None:
    before = ranks(client, "?timeframe=week")
    db["gifttransactions"].delete_many({})
    assert ranks(client, "?timeframe=week") == before
    app.extensions["kept"].forget()
    assert ranks(client, "?timeframe=week") == []


def test_the_timeframes_begin_where_they_say() -> None:
    now = clock.now()
    today = rankings.start_of("today")
    assert today is not None
    assert (today.date(), today.hour, today.minute) == (now.date(), 0, 0)
    for timeframe, days in (("week", 7), ("month", 30)):
        start = rankings.start_of(timeframe)
        assert start is not None
        assert abs((now - start) - timedelta(days=days)) < timedelta(seconds=5)
    assert rankings.start_of("all") is None


def test_a_creators_own_board_ranks_who_gave_to_them(
    db: Database, app: Flask, ada: User, givers: dict[str, str], bob: User
) -> None:
    send(client_of(app, ada), make_gift(db), givers["cleo"], quantity=9)
    board = rankings.senders_to(bob["_id"], "all", 5)
    assert [(str(line["userId"]), line["totalCoins"]) for line in board] == [(givers["ada"], 500), (givers["cleo"], 50)]


@pytest.mark.parametrize("query", ["?timeframe=ever", "?by=likes", "?limit=0"])
def test_a_leaderboard_of_nothing_is_a_400(client: FlaskClient, db: Database, query: str) -> None:
    assert client.get(f"/api/gifts/leaderboard{query}").status_code == 400
