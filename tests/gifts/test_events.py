"""Who hears of a gift, what, and when: after the commit, and never of one that was not booked."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure

from mixillo.config import Settings
from mixillo.core.realtime import emitted, user_room
from tests.factories.auth import make_session
from tests.factories.gifts import ROSE, make_gift, make_stream, send
from tests.factories.users import make_user
from tests.sockets import Socket, serving
from tests.waiting import wait_until

User = dict[str, Any]


@pytest.fixture
def url(app: Flask, settings: Settings) -> Iterator[str]:
    with serving(settings) as address:
        yield address


@pytest.fixture
def sockets(app: Flask, db: Database, url: str, ada: User, bob: User) -> Iterator[tuple[Socket, Socket, Socket]]:
    """Those of the sender, the recipient and somebody else."""
    people = (ada, bob, make_user(db))
    opened = tuple(Socket(url, {"token": make_session(app, user)[1]["token"]}) for user in people)
    yield opened  # type: ignore[misc]
    for socket in opened:
        socket.close()


def test_both_sides_hear_of_a_gift_and_of_their_wallets(
    db: Database, as_ada: FlaskClient, ada: User, bob: User, sockets: tuple[Socket, Socket, Socket]
) -> None:
    by_ada, by_bob, by_other = sockets
    gift, stream = make_gift(db, animation="float"), str(make_stream(db, bob["_id"]))
    data = send(as_ada, gift, bob["_id"], quantity=2, context="livestream", livestreamId=stream, message="Hi").json[
        "data"
    ]
    record_id = data["transaction"]["_id"]
    told = {"id": str(gift["_id"]), "name": "Rose", "icon": ROSE, "animation": "float"}
    wait_until(lambda: by_bob.told("gift:received") and by_ada.told("gift:sent"))
    assert by_bob.told("gift:received") == [
        {
            "transactionId": record_id,
            "gift": told,
            "sender": {"id": str(ada["_id"]), "username": ada["username"]},
            "quantity": 2,
            "earnings": 14,
            "context": "livestream",
            "livestreamId": stream,
            "contentId": None,
            "message": "Hi",
        }
    ]
    assert by_ada.told("gift:sent") == [
        {
            "transactionId": record_id,
            "gift": told,
            "recipientId": str(bob["_id"]),
            "quantity": 2,
            "totalCost": 20,
            "newBalance": 980,
        }
    ]
    assert [each["balance"] for each in by_ada.told("wallet:updated")] == [980]
    assert [each["balance"] for each in by_bob.told("wallet:updated")] == [14]
    assert [name for name, _ in by_other.heard] == ["socket:ready"]
    assert not by_ada.told("gift:received")
    assert not by_bob.told("gift:sent")


def test_of_an_anonymous_gift_the_recipient_does_not_hear_who_sent_it(
    db: Database, as_ada: FlaskClient, ada: User, bob: User, sockets: tuple[Socket, Socket, Socket]
) -> None:
    _, by_bob, _ = sockets
    send(as_ada, make_gift(db), bob["_id"], isAnonymous=True)
    (heard,) = wait_until(lambda: by_bob.told("gift:received"))
    assert heard["sender"] is None
    assert str(ada["_id"]) not in str(by_bob.heard)


def test_nobody_hears_of_a_gift_whose_commit_failed(
    db: Database,
    as_ada: FlaskClient,
    bob: User,
    sockets: tuple[Socket, Socket, Socket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gift = make_gift(db)

    def refuse(session: ClientSession) -> None:
        session.abort_transaction()
        raise OperationFailure("the disk is full", 14031)

    with monkeypatch.context() as broken:
        broken.setattr(ClientSession, "commit_transaction", refuse)
        assert send(as_ada, gift, bob["_id"], message="lost").status_code == 500
    assert db["gifttransactions"].count_documents({}) == 0
    assert db["gifts"].find_one()["timesSent"] == 0
    send(as_ada, gift, bob["_id"], message="kept")
    by_ada, by_bob, _ = sockets
    wait_until(lambda: by_bob.told("gift:received") and by_ada.told("gift:sent"))
    assert [each["message"] for each in by_bob.told("gift:received")] == ["kept"]
    assert [len(socket.told("wallet:updated")) for socket in (by_ada, by_bob)] == [1, 1]


def test_what_is_told_can_be_read_already(db: Database, as_ada: FlaskClient, ada: User, bob: User) -> None:
    seen = []

    def listener(event: str, room: str) -> None:
        stored = db["gifttransactions"].count_documents({}), db["wallets"].count_documents({"userId": bob["_id"]})
        seen.append((event, room, stored))

    with emitted.connected_to(listener):
        send(as_ada, make_gift(db), bob["_id"])
    rooms = [user_room(ada["_id"]), user_room(bob["_id"])]
    assert sorted(seen) == sorted(
        [
            ("gift:received", rooms[1], (1, 1)),
            ("gift:sent", rooms[0], (1, 1)),
            *(("wallet:updated", room, (1, 1)) for room in rooms),
        ]
    )


def test_who_repeats_a_request_does_not_tell_again(db: Database, as_ada: FlaskClient, bob: User) -> None:
    gift, seen = make_gift(db), []
    with emitted.connected_to(lambda event, room: seen.append(event)):
        for _ in range(3):
            send(as_ada, gift, bob["_id"], key="once")
    assert sorted(seen) == ["gift:received", "gift:sent", "wallet:updated", "wallet:updated"]
