"""Likes and gifts in a stream: counted, booked, and told in its room."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.client_session import ClientSession
from pymongo.database import Database

from mixillo.blueprints.gifts.services import telling as gifts_telling
from mixillo.blueprints.live.services.tally import tally
from mixillo.blueprints.wallets.services import ledger
from mixillo.core import clock
from tests.connecting import Connect
from tests.factories.gifts import make_gift
from tests.factories.live import stored
from tests.factories.wallets import balance, give
from tests.live.conftest import Document, code
from tests.live.rooms import about, joined, log_of
from tests.waiting import wait_until

PATH = "/api/live"


def test_taps_are_counted_and_told_at_most_once_a_second(
    connect: Connect, as_bob: FlaskClient, db: Database, ada: Document, bob: Document, stream: Document
) -> None:
    by_ada, by_bob = joined(connect, ada, stream), joined(connect, bob, stream)
    for _ in range(10):
        assert by_bob.ask("live:like", about(stream, count=5)) == {"ok": True}
    assert as_bob.post(f"{PATH}/{stream['_id']}/like", json={"count": 7}).status_code == 200
    wait_until(lambda: by_ada.told("live:likes") and by_ada.told("live:likes")[-1]["likesCount"] == 57)
    assert len(by_ada.told("live:likes")) <= 3
    assert stored(db, stream)["likesCount"] == 57
    assert code(by_bob.ask("live:like", about(stream, count=51))) == "validation_failed"


def test_a_second_instance_tells_no_likes_within_the_second(
    connect: Connect, db: Database, ada: Document, stream: Document
) -> None:
    by_ada = joined(connect, ada, stream)
    told_at = clock.now() + timedelta(seconds=2)  # by another instance, whose clock is ahead
    db["livestreams"].update_one({}, {"$set": {"likesToldAt": told_at}})
    tally.note(stream["_id"], "likesCount", 3)
    tally.write()
    assert (stored(db, stream)["likesCount"], stored(db, stream)["likesToldAt"]) == (3, told_at)
    assert by_ada.told("live:likes") == []
    wait_until(lambda: by_ada.told("live:likes") == [about(stream, likesCount=3)])


def test_a_gift_is_told_in_the_room_and_adds_up(
    connect: Connect, db: Database, ada: Document, bob: Document, stream: Document
) -> None:
    give(bob["_id"], 100)
    gift = make_gift(db, price=10)
    by_ada, by_bob = joined(connect, ada, stream), joined(connect, bob, stream)
    wish = about(stream, giftId=str(gift["_id"]), quantity=2, clientId="g1", message="Well done!")
    first, again = by_bob.ask("live:gift", wish), by_bob.ask("live:gift", wish)
    assert first == again
    assert first["newBalance"] == 80
    (heard,) = wait_until(lambda: by_ada.told("live:gift"))
    assert (heard["gift"]["name"], heard["quantity"], heard["totalCost"]) == ("Rose", 2, 20)
    assert (heard["sender"]["username"], heard["message"]) == ("bob", "Well done!")
    kept = stored(db, stream)
    assert (kept["totalGiftsValue"], kept["giftsCount"]) == (20, 2)
    assert "giftsReceived" not in kept or kept["giftsReceived"] == []
    assert balance(db, ledger.user(ada["_id"])) == 14


def test_a_gift_that_is_not_booked_is_never_heard_of(
    app: Flask, connect: Connect, db: Database, as_bob: FlaskClient, ada: Document, bob: Document, stream: Document
) -> None:
    give(bob["_id"], 100)
    gift = make_gift(db)

    def fail(_sender: Any, *, record: Document, session: ClientSession) -> None:
        raise RuntimeError

    by_ada = joined(connect, ada, stream)
    path, body = f"{PATH}/{stream['_id']}/gift", {"giftId": str(gift["_id"])}
    with gifts_telling.booking.connected_to(fail):
        assert as_bob.post(path, json=body).status_code == 500
    assert (log_of(stream), stored(db, stream)["totalGiftsValue"]) == ([], 0)
    assert balance(db, ledger.user(bob["_id"])) == 100
    assert as_bob.post(path, json=body).status_code == 201
    wait_until(lambda: by_ada.told("live:gift"))
    assert [event for event, _ in log_of(stream)] == ["live:gift"]


def test_nothing_is_given_where_nothing_is_taken(
    db: Database, as_bob: FlaskClient, as_ada: FlaskClient, bob: Document, stream: Document
) -> None:
    give(bob["_id"], 100)
    gift = {"giftId": str(make_gift(db)["_id"])}
    path = f"{PATH}/{stream['_id']}/gift"
    assert code(as_ada.post(path, json=gift)) == "validation_failed"  # one's own
    db["livestreams"].update_one({}, {"$set": {"allowGifts": False}})
    assert code(as_bob.post(path, json=gift)) == "gift_place_not_found"
    db["livestreams"].update_one({}, {"$set": {"allowGifts": True, "status": "ended"}})
    assert code(as_bob.post(path, json=gift)) == "live_not_on_air"
    assert balance(db, ledger.user(bob["_id"])) == 100


def test_a_gift_in_a_stream_that_ends_meanwhile_is_not_booked(
    db: Database, as_bob: FlaskClient, bob: Document, ada: Document, stream: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(bob["_id"], 100)
    body = {
        "giftId": str(make_gift(db)["_id"]), "recipientId": str(ada["_id"]), "context": "livestream",
        "livestreamId": str(stream["_id"]),
    }  # fmt: skip
    db["livestreams"].update_one({}, {"$set": {"status": "scheduled"}})  # `gifts` alone would take it
    assert code(as_bob.post("/api/gifts/send", json=body)) == "gift_place_not_found"
    db["livestreams"].update_one({}, {"$set": {"status": "live", "bannedUsers": [{"userId": bob["_id"]}]}})
    assert code(as_bob.post("/api/gifts/send", json=body)) == "gift_place_not_found"
    assert balance(db, ledger.user(bob["_id"])) == 100


def test_of_an_anonymous_gift_the_room_learns_no_sender(
    connect: Connect, db: Database, as_bob: FlaskClient, ada: Document, bob: Document, stream: Document
) -> None:
    give(bob["_id"], 100)
    by_ada = joined(connect, ada, stream)
    body = {"giftId": str(make_gift(db)["_id"]), "isAnonymous": True}
    assert as_bob.post(f"{PATH}/{stream['_id']}/gift", json=body).status_code == 201
    (heard,) = wait_until(lambda: by_ada.told("live:gift"))
    assert heard["sender"] is None
    assert str(bob["_id"]) not in str(heard)
