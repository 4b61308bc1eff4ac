"""What sockets of clients send: validated, acknowledged, limited, and never relayed as it is."""

import time
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database
from pymongo.errors import ServerSelectionTimeoutError

from mixillo.blueprints.content.queries import browsing
from mixillo.core import realtime
from mixillo.core.realtime.rooms import MOST_ROOMS
from tests.connecting import Connect
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.users import make_user
from tests.people import User
from tests.waiting import wait_until


def code(answer: Any) -> str:
    assert answer["ok"] is False
    assert answer["error"]["message"]
    return answer["error"]["code"]


def test_who_looks_at_a_post_hears_what_others_do_with_it(
    app: Flask, db: Database, connect: Connect, ada: User
) -> None:
    post, eve = make_post(db, ada), make_user(db)
    looking, typing = connect(ada), connect(eve)
    about = {"contentId": str(post["_id"])}
    assert looking.ask("video:join", about) == {"ok": True}
    assert typing.ask("video:join", str(post["_id"])) == {"ok": True}
    assert looking.told("video:joined") == [about]
    client_of(app, eve).post(f"/api/content/{post['_id']}/like")
    assert typing.ask("video:comment_typing", about | {"isTyping": True}) == {"ok": True}
    wait_until(lambda: looking.told("video:like") and looking.told("video:user_typing"))
    assert looking.told("video:like")[0]["likesCount"] == 1
    assert looking.told("video:user_typing") == [about | {"userId": str(eve["_id"]), "username": eve["username"]}]
    assert typing.told("video:user_typing") == []
    assert looking.ask("video:leave", about) == {"ok": True}
    assert looking.ask("video:leave", about) == {"ok": True}
    client_of(app, eve).post(f"/api/content/{post['_id']}/like")
    wait_until(lambda: len(typing.told("video:like")) == 2)
    assert len(looking.told("video:like")) == 1


def test_one_may_look_only_at_what_one_may_see(app: Flask, db: Database, connect: Connect, ada: User) -> None:
    post = make_post(db, make_user(db), visibility="private")
    socket = connect(ada)
    about = {"contentId": str(post["_id"])}
    assert code(socket.ask("video:join", about)) == "content_not_found"
    assert code(socket.ask("video:comment_typing", about)) == "not_in_room"


def test_who_is_shown_out_while_they_enter_is_not_inside(
    app: Flask, db: Database, connect: Connect, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, socket = make_post(db, make_user(db)), connect(ada)
    entered = realtime.rooms.enter

    def enter(*arguments: Any) -> int:
        db["contents"].update_one({"_id": post["_id"]}, {"$set": {"visibility": "private", "isPrivate": True}})
        return entered(*arguments)

    monkeypatch.setattr(realtime.rooms, "enter", enter)
    about = {"contentId": str(post["_id"])}
    assert code(socket.ask("video:join", about)) == "content_not_found"
    assert code(socket.ask("video:comment_typing", about)) == "not_in_room"


@pytest.mark.parametrize(
    "sent", [None, {}, [], 7, "x", {"contentId": 5}, {"contentId": {"$gt": ""}}, {"contentId": "0" * 24, "room": "a"}]
)
def test_what_is_no_such_question_is_refused(app: Flask, connect: Connect, ada: User, sent: Any) -> None:
    assert code(connect(ada).ask("video:join", sent)) == "validation_failed"


@pytest.mark.parametrize("event", ["nothing", "", "join", "trigger_event", "answer", "_answer", "x" * 500])
def test_unknown_events_are_refused(app: Flask, connect: Connect, ada: User, event: str) -> None:
    assert code(connect(ada).ask(event, {})) == "not_found"


def test_words_of_the_protocol_do_nothing_when_a_client_says_them(app: Flask, connect: Connect, ada: User) -> None:
    socket = connect(ada)
    for word in ("connect", "disconnect"):
        assert socket.ask(word, {"token": "x"}) is None
    assert code(socket.ask("video:join", {})) == "validation_failed"
    assert socket.is_open


def test_a_database_that_does_not_answer_is_said(
    app: Flask, db: Database, connect: Connect, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise ServerSelectionTimeoutError("secret address")

    socket = connect(ada)
    monkeypatch.setattr(browsing, "find", fail)
    answer = socket.ask("video:join", {"contentId": "0" * 24})
    assert code(answer) == "service_unavailable"
    assert "secret" not in str(answer)


def test_a_fault_of_ours_is_told_without_its_insides(
    app: Flask, db: Database, connect: Connect, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise RuntimeError("secret insides")

    socket = connect(ada)
    monkeypatch.setattr(browsing, "find", fail)
    answer = socket.ask("video:join", {"contentId": "0" * 24})
    assert code(answer) == "internal_error"
    assert "secret" not in str(answer)


@pytest.mark.slow
def test_a_socket_is_in_a_hundred_rooms_at_most(app: Flask, db: Database, connect: Connect, ada: User) -> None:
    socket = connect(ada)
    answers = []
    for _ in range(MOST_ROOMS):
        answers.append(socket.ask("video:join", str(make_post(db, ada)["_id"])))
        time.sleep(1 / 40)  # within the pace
    assert code(answers[-1]) == "too_many_rooms"
    assert answers[0] == {"ok": True}


def test_a_flood_is_refused_told_and_cut_within_a_second(app: Flask, connect: Connect, ada: User) -> None:
    socket, other = connect(ada), connect(ada)
    answers: list[Any] = []
    started = time.monotonic()
    for _ in range(200):
        if socket.is_open:
            socket.client.emit("video:join", {}, callback=answers.append)
    wait_until(lambda: not socket.is_open)
    assert time.monotonic() - started < 1.5
    wait_until(lambda: socket.told("socket:cut"))
    assert socket.told("socket:cut") == [{"code": "too_many_events"}]
    codes = [code(answer) for answer in answers]
    assert codes[:30] == ["validation_failed"] * 30
    assert set(codes[40:]) == {"rate_limited"}
    assert code(other.ask("video:join", {})) == "validation_failed"


@pytest.mark.parametrize(
    "frame",
    ['2{"a":1}', "2[]", "2[7]", "2[null]", '2["video:join"', "2", "9", "5-x", '2["a",{"_placeholder":true,"num":9}]'],
)
def test_frames_that_no_client_sends_harm_nobody_else(app: Flask, connect: Connect, ada: User, frame: str) -> None:
    bad, good = connect(ada), connect(ada)
    bad.client.eio.send(frame)
    assert code(good.ask("video:join", {})) == "validation_failed"
