"""In the room of a stream: lines in one order, for those who may be there."""

import threading
from datetime import timedelta

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.comments.services import words
from mixillo.blueprints.live.services import chatting, hosting
from mixillo.core import clock
from mixillo.core.security import Viewer
from tests.connecting import Connect
from tests.factories.gifts import make_gift
from tests.factories.live import make_stream
from tests.factories.products import make_product, make_store
from tests.factories.users import make_user
from tests.factories.wallets import give
from tests.live.conftest import Document, code
from tests.live.rooms import about, joined, lines, log_of, room
from tests.waiting import wait_until

PATH = "/api/live"


def test_what_is_said_is_stored_numbered_and_heard_by_everybody(
    connect: Connect, db: Database, as_bob: FlaskClient, ada: Document, bob: Document, stream: Document
) -> None:
    by_ada, by_bob = joined(connect, ada, stream), joined(connect, bob, stream)
    said = by_bob.ask("live:chat", about(stream, text=" Hello! ", clientId="1"))
    assert said["ok"]
    (heard,) = wait_until(lambda: by_ada.told("live:message"))
    told = heard["message"]
    assert (told["_id"], told["text"], told["user"]["username"], told["role"]) == (
        said["id"],
        "Hello!",
        "bob",
        "viewer",
    )
    assert by_ada.numbers(room(stream)) == [said["seq"]]
    kept = db["livemessages"].find_one()
    assert (kept["userId"], kept["seq"], kept["text"]) == (bob["_id"], said["seq"], "Hello!")
    assert wait_until(lambda: by_bob.told("live:message"))
    (listed,) = as_bob.get(f"{PATH}/{stream['_id']}/messages").json["data"]["messages"]
    assert listed == told


def test_a_line_said_again_is_one_line(connect: Connect, db: Database, bob: Document, stream: Document) -> None:
    socket = joined(connect, bob, stream)
    answers = [socket.ask("live:chat", about(stream, text="Hello!", clientId="1")) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert db["livemessages"].count_documents({}) == 1
    assert socket.ask("live:chat", about(stream, text="Hello!", clientId="2"))["id"] != answers[0]["id"]


def test_the_same_line_at_the_same_time_is_one_line(app: Flask, db: Database, bob: Document, stream: Document) -> None:
    viewer, said = Viewer(bob["_id"], "bob", "user", None), []

    def say() -> None:
        with app.test_request_context():
            said.append(chatting.say(viewer, stream["_id"], "Hello!", "1")["id"])

    threads = [threading.Thread(target=say) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(said), len(set(said)), len(log_of(stream))) == (6, 1, 1)


def test_a_line_that_is_not_stored_is_never_heard_of(
    connect: Connect, db: Database, bob: Document, stream: Document
) -> None:
    socket = joined(connect, bob, stream)
    if "livemessages" not in db.list_collection_names():
        db.create_collection("livemessages")
    db.command("collMod", "livemessages", validator={"text": "nothing else"})
    try:
        assert code(socket.ask("live:chat", about(stream, text="Hello!"))) == "service_unavailable"
    finally:
        db.command("collMod", "livemessages", validator={})
    assert log_of(stream) == []
    assert socket.ask("live:chat", about(stream, text="Again"))["ok"]
    wait_until(lambda: lines(socket) == ["Again"])


def test_who_joins_is_told_what_holds_now(
    connect: Connect, as_ada: FlaskClient, db: Database, ada: Document, bob: Document, stream: Document
) -> None:
    by_ada, product = joined(connect, ada, stream), make_product(db, make_store(db, ada))
    said = by_ada.ask("live:chat", about(stream, text="Hello!"))["id"]
    nothing = connect(bob).ask("live:join", about(stream))
    assert (nothing["pinned"], nothing["product"], nothing["mutedUntil"]) == (None, None, None)
    for method, path, body in (
        ("PUT", "pin", {"messageId": said}),
        ("POST", "products", {"productId": str(product["_id"])}),
        ("POST", "mutes", {"userId": str(bob["_id"]), "minutes": 5}),
    ):
        assert as_ada.open(f"{PATH}/{stream['_id']}/{path}", method=method, json=body).status_code < 300
    told = connect(bob).ask("live:join", about(stream))
    assert (told["pinned"]["_id"], told["pinned"]["text"]) == (said, "Hello!")
    assert told["product"]["_id"] == str(product["_id"])
    assert told["mutedUntil"] > clock.timestamp(clock.now() + timedelta(minutes=4))
    as_ada.delete(f"{PATH}/{stream['_id']}/messages/{said}")
    as_ada.delete(f"{PATH}/{stream['_id']}/mutes/{bob['_id']}")
    db["products"].update_one({}, {"$set": {"isPublished": False}})
    after = connect(bob).ask("live:join", about(stream))
    assert (after["pinned"], after["product"], after["mutedUntil"]) == (None, None, None)


def test_who_is_not_inside_says_likes_and_gives_nothing(connect: Connect, bob: Document, stream: Document) -> None:
    socket = connect(bob)
    for event, more in (("live:chat", {"text": "x"}), ("live:like", {}), ("live:gift", {"giftId": str(ObjectId())})):
        assert code(socket.ask(event, about(stream, **more))) == "not_in_room"


@pytest.mark.parametrize(
    "sent", [{"text": ""}, {"text": "x" * 301}, {"text": "a\x00b"}, {"text": 5}, {"text": "x", "room": "y"}, {}]
)
def test_what_is_no_line_is_refused(connect: Connect, bob: Document, stream: Document, sent: Document) -> None:
    assert code(joined(connect, bob, stream).ask("live:chat", about(stream, **sent))) == "validation_failed"


def test_older_names_do_the_same_work(
    connect: Connect, db: Database, ada: Document, bob: Document, stream: Document
) -> None:
    give(bob["_id"], 100)
    gift = make_gift(db)
    socket = connect(bob)
    assert socket.ask("livestream:join", about(stream))["role"] == "viewer"
    assert socket.told("livestream:joined") == [about(stream)]
    assert socket.ask("livestream:comment", about(stream, comment="Hello!"))["ok"]
    assert socket.ask("livestream:gift", about(stream, gift=str(gift["_id"])))["newBalance"] == 90
    wait_until(lambda: socket.told("live:gift"))
    assert lines(socket) == ["Hello!"]
    assert socket.ask("livestream:leave", about(stream)) == {"ok": True}
    assert code(socket.ask("livestream:comment", about(stream, comment="?"))) == "not_in_room"


def test_who_comes_back_hears_what_was_said_meanwhile(
    connect: Connect, ada: Document, bob: Document, stream: Document
) -> None:
    by_ada, by_bob = joined(connect, ada, stream), joined(connect, bob, stream)
    by_ada.ask("live:chat", about(stream, text="1"))
    seen = wait_until(lambda: by_bob.numbers(room(stream)))[-1]
    by_bob.close()
    for text in ("2", "3"):
        by_ada.ask("live:chat", about(stream, text=text))
    again = connect(bob, {room(stream): seen})
    by_ada.ask("live:chat", about(stream, text="4"))
    wait_until(lambda: len(lines(again)) == 3)
    assert lines(again) == ["2", "3", "4"]


def test_who_comes_back_after_the_end_hears_of_it(
    app: Flask, connect: Connect, ada: Document, bob: Document, stream: Document
) -> None:
    by_bob = joined(connect, bob, stream)
    by_bob.ask("live:chat", about(stream, text="1"))
    seen = wait_until(lambda: by_bob.numbers(room(stream)))[-1]
    by_bob.close()
    hosting.end(stream["_id"])
    assert wait_until(lambda: connect(bob, {room(stream): seen}).told("stream:ended"))[0]["reason"] == "host"
    assert code(connect(bob).ask("live:join", about(stream))) == "live_not_on_air"


def test_nobody_enters_what_is_not_on_the_air_or_not_for_them(
    connect: Connect, db: Database, ada: Document, bob: Document
) -> None:
    socket = connect(bob)
    for status, expected in (
        ("scheduled", "live_not_on_air"),
        ("starting", "live_not_on_air"),
        ("failed", "live_not_found"),
    ):
        other = make_stream(db, make_user(db), status=status)
        assert code(socket.ask("live:join", about(other))) == expected
    old = make_stream(db, make_user(db), status="ended", endedAt=clock.now() - timedelta(hours=1))
    assert code(socket.ask("live:join", about(old))) == "live_not_on_air"
    private = make_stream(db, ada, isPrivate=True)
    assert code(socket.ask("live:join", about(private))) == "live_not_found"
    assert list(wait_until(lambda: connect(bob, {room(private): 0}).told("socket:ready"))[0]["rooms"]) == [
        f"user_{bob['_id']}"
    ]
    assert code(socket.ask("live:join", {"livestreamId": str(ObjectId())})) == "live_not_found"


def test_people_say_so_much_and_no_more_on_however_many_sockets(
    connect: Connect, bob: Document, stream: Document
) -> None:
    sockets = [joined(connect, bob, stream) for _ in range(2)]
    answers = [sockets[n % 2].ask("live:chat", about(stream, text=str(n))) for n in range(45)]
    refused = [answer for answer in answers if not answer["ok"]]
    assert {each["error"]["code"] for each in refused} == {"rate_limited"}
    assert 5 <= len(refused) <= 25  # a window may have ended in between


def test_slow_mode_lets_everybody_speak_once_in_a_while(
    connect: Connect, as_ada: FlaskClient, db: Database, ada: Document, bob: Document, stream: Document
) -> None:
    by_ada, by_bob = joined(connect, ada, stream), joined(connect, bob, stream)
    assert as_ada.patch(f"{PATH}/{stream['_id']}/settings", json={"slowModeSeconds": 60}).status_code == 200
    assert wait_until(lambda: by_bob.told("live:settings"))[0]["slowModeSeconds"] == 60
    assert by_bob.ask("live:chat", about(stream, text="1"))["ok"]
    assert code(by_bob.ask("live:chat", about(stream, text="2"))) == "live_slow_mode"
    assert [by_ada.ask("live:chat", about(stream, text=text))["ok"] for text in "34"] == [True, True]
    db["liveparticipants"].update_one(
        {"userId": bob["_id"]}, {"$set": {"lastSaidAt": clock.now() - timedelta(seconds=61)}}
    )
    assert by_bob.ask("live:chat", about(stream, text="5"))["ok"]


def test_words_that_are_not_welcome_are_not_said(
    app: Flask, db: Database, ada: Document, bob: Document, stream: Document
) -> None:
    db["settings"].insert_one({"key": words.KEY, "value": {"blocked": ["casino"], "hidden": ["discount"]}})
    by_ada, by_bob = (Viewer(user["_id"], user["username"], "user", None) for user in (ada, bob))
    with app.test_request_context():
        for viewer, text in ((by_bob, "Come to my C\u00e1sino"), (by_bob, "A discount!"), (by_ada, "Casino")):
            with pytest.raises(words.WordBlocked):
                chatting.say(viewer, stream["_id"], text, None)
        assert log_of(stream) == []
        assert chatting.say(by_ada, stream["_id"], "A discount!", None)


def test_the_host_closes_the_chat(
    connect: Connect, as_ada: FlaskClient, ada: Document, bob: Document, stream: Document
) -> None:
    by_ada, by_bob = joined(connect, ada, stream), joined(connect, bob, stream)
    as_ada.patch(f"{PATH}/{stream['_id']}/settings", json={"allowComments": False})
    assert code(by_bob.ask("live:chat", about(stream, text="1"))) == "live_chat_closed"
    assert by_ada.ask("live:chat", about(stream, text="2"))["ok"]
