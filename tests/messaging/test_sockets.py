"""Conversations over real sockets: opened, written in, read, typed in; cut off and back again; who is there."""

import threading
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.messaging.services import sending
from mixillo.core import clock
from mixillo.core.ratelimits import Rate
from mixillo.core.realtime import room_log
from tests.connecting import Connect
from tests.factories.auth import client_of
from tests.factories.messaging import make_talk
from tests.messaging.test_writing import TALKS, check_counters, write
from tests.waiting import wait_until

User = dict[str, Any]


def code(answer: Any) -> str:
    assert answer["ok"] is False
    found: str = answer["error"]["code"]
    return found


def about(talk: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"conversationId": str(talk["_id"])} | more


def texts(socket: Any, event: str = "message:new") -> list[str]:
    return [told["text"] for told in socket.told(event)]


def test_who_has_a_conversation_open_hears_what_is_written(
    db: Database, connect: Connect, ada: User, bob: User, talk: dict[str, Any]
) -> None:
    writing, reading, elsewhere = connect(ada), connect(bob), connect(bob)
    for socket in (writing, reading):
        answer = socket.ask("conversation:join", about(talk))
        assert answer == {"ok": True, "seq": room_log.start(clock.now())}
        assert socket.told("conversation:joined") == [about(talk)]
    sent = writing.ask("message:send", about(talk, content="Hello", clientId="a1"))
    assert (sent["ok"], sent["message"]["text"]) == (True, "Hello")
    assert writing.ask("message:send", about(talk, content="Hello", clientId="a1")) == sent
    wait_until(lambda: texts(reading) and texts(writing) and texts(elsewhere, "newMessage"))
    assert reading.told("message:new") == [sent["message"]] == elsewhere.told("newMessage")
    assert elsewhere.told("message:new") == []
    assert writing.told("message:sent") == [about(talk, messageId=sent["message"]["_id"], clientId="a1")] * 2
    answer = reading.ask("message:read", about(talk, messageId=sent["message"]["_id"]))
    assert (answer["ok"], answer["unreadCount"]) == (True, 0)
    wait_until(lambda: writing.told("message:read_status") and writing.told("messageRead"))
    assert writing.told("message:read_status")[0]["userId"] == str(bob["_id"])
    check_counters(db, talk)
    assert writing.ask("conversation:leave", about(talk)) == {"ok": True}
    reading.ask("message:send", about(talk, text="Bye"))
    wait_until(lambda: texts(reading) == ["Hello", "Bye"])
    assert texts(writing) == ["Hello"]


def test_nobody_opens_writes_reads_or_types_where_they_are_not(
    db: Database, connect: Connect, eve: User, bob: User, talk: dict[str, Any]
) -> None:
    socket, room = connect(eve, {f"conversation_{talk['_id']}": 0}), f"conversation_{talk['_id']}"
    asked = [("conversation:join", {}), ("message:send", {"text": "x"}), ("message:read", {}), ("typing:start", {})]
    for event, more in asked:
        assert code(socket.ask(event, about(talk, **more))) == "conversation_not_found"
    assert room not in wait_until(lambda: socket.told("socket:ready"))[0]["rooms"]
    listening = connect(bob)
    listening.ask("conversation:join", about(talk))
    listening.ask("message:send", about(talk, text="Secret"))
    wait_until(lambda: texts(listening))
    assert texts(socket) == texts(socket, "newMessage") == []


def test_typing_is_seen_by_the_other_and_by_nobody_across_a_block(
    db: Database, connect: Connect, ada: User, bob: User, talk: dict[str, Any]
) -> None:
    writing, reading = connect(ada), connect(bob)
    for socket in (writing, reading):
        socket.ask("conversation:join", about(talk))
    assert writing.ask("typing:start", str(talk["_id"])) == {"ok": True}
    assert writing.ask("typing:stop", about(talk)) == {"ok": True}
    told = [about(talk, userId=str(ada["_id"]))]
    wait_until(lambda: reading.told("user:stopped_typing"))
    assert reading.told("user:typing") == reading.told("userTyping") == reading.told("user:stopped_typing") == told
    assert writing.told("user:typing") == []
    db["blockedusers"].insert_one({"userId": bob["_id"], "blockedUserId": ada["_id"]})
    assert code(writing.ask("typing", about(talk))) == "USER_NOT_FOUND"
    assert code(writing.ask("message:send", about(talk, text="x"))) == "USER_NOT_FOUND"
    assert reading.told("user:typing") == told


def test_who_was_cut_off_misses_nothing(
    app: Flask, db: Database, connect: Connect, ada: User, bob: User, talk: dict[str, Any]
) -> None:
    """Forty messages by two, while the reader's socket is cut again and again."""
    room = f"conversation_{talk['_id']}"
    heard: list[tuple[int, str]] = []
    reading = connect(bob)
    reading.ask("conversation:join", about(talk))

    def say(user: User, first: int) -> None:
        client = client_of(app, user)
        for number in range(first, first + 20):
            assert write(client, talk, text=str(number)).status_code == 201

    threads = [threading.Thread(target=say, args=(user, 20 * n)) for n, user in enumerate((ada, bob))]
    for thread in threads:
        thread.start()
    while len(heard) < 40:
        wait_until(lambda socket=reading: socket.numbers(room))
        reading.close()
        heard += [(told["seq"], told["text"]) for name, told in reading.heard if name == "message:new"]
        reading = connect(bob, {room: heard[-1][0]})
    for thread in threads:
        thread.join()
    numbers = [number for number, _ in heard]
    assert numbers == list(range(numbers[0], numbers[0] + 40))
    assert sorted(int(text) for _, text in heard) == list(range(40))
    stored = [row["text"] for row in db["messages"].find().sort("createdAt", 1)]
    assert [text for _, text in heard] == stored
    check_counters(db, talk)


def test_who_has_left_a_group_hears_nothing_more_of_it(
    app: Flask, db: Database, connect: Connect, ada: User, bob: User, eve: User
) -> None:
    group = make_talk(db, ada, bob, eve)
    leaving, staying = connect(bob), connect(ada)
    for socket in (leaving, staying):
        socket.ask("conversation:join", about(group))
    client_of(app, bob).post(f"{TALKS}/{group['_id']}/leave")
    wait_until(lambda: leaving.told("room:out") and staying.told("conversation:updated"))
    write(client_of(app, ada), group, text="Without him")
    wait_until(lambda: texts(staying))
    assert texts(leaving) == texts(leaving, "newMessage") == leaving.told("conversation:updated") == []
    back = connect(bob, {f"conversation_{group['_id']}": 1})
    assert f"conversation_{group['_id']}" not in wait_until(lambda: back.told("socket:ready"))[0]["rooms"]


def test_that_one_is_there_is_told_to_those_one_has_written_to(
    app: Flask, db: Database, connect: Connect, ada: User, bob: User, eve: User, talk: dict[str, Any]
) -> None:
    # Eve has written to Ada, who has not answered.
    stranger = make_talk(db, eve, ada)
    db["conversations"].update_one(
        {"_id": stranger["_id"]}, {"$unset": {"participantStatus.$[ada].lastSentAt": ""}},
        array_filters=[{"ada.userId": ada["_id"]}],
    )  # fmt: skip
    friend, other = connect(bob), connect(eve)
    wait_until(lambda: seen(app, ada, talk, bob) == "online")
    first = connect(ada)
    wait_until(lambda: states(friend, ada) == ["online"])
    assert first.ask("presence:update", {"status": "busy"}) == {"ok": True}
    wait_until(lambda: states(friend, ada) == ["online", "busy"])
    assert code(first.ask("presence:update", {"status": "x"})) == "validation_failed"
    assert seen(app, bob, talk, ada) == "busy"
    assert seen(app, eve, stranger, ada) is None
    before = clock.now()
    first.close()
    wait_until(lambda: states(friend, ada) == ["online", "busy", "offline"])
    assert friend.told("user:presence")[-1]["lastSeen"] >= clock.timestamp(before)
    assert seen(app, bob, talk, ada) == "offline"
    assert states(other, ada) == []


def test_who_does_not_want_to_be_seen_is_not(
    app: Flask, db: Database, connect: Connect, ada: User, bob: User, talk: dict[str, Any]
) -> None:
    friend, hiding = connect(bob), connect(ada)
    wait_until(lambda: states(friend, ada) == ["online"])
    hiding.ask("presence:update", {"status": "offline"})
    wait_until(lambda: states(friend, ada) == ["online", "offline"])
    assert seen(app, bob, talk, ada) == "offline"
    db["users"].update_one({"_id": ada["_id"]}, {"$set": {"privacySettings.showOnlineStatus": False}})
    hiding.ask("presence:update", {"status": "online"})
    assert seen(app, bob, talk, ada) is None
    hiding.ask("message:send", about(talk, text="That was all"))
    wait_until(lambda: texts(friend, "newMessage"))
    assert states(friend, ada) == ["online", "offline"]


def test_nobody_writes_faster_than_anybody_reads(
    app: Flask, connect: Connect, ada: User, talk: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "RATE", Rate.parse("few", "2/minute"))
    socket = connect(ada)
    answers = [socket.ask("message:send", about(talk, text="x")) for _ in range(3)]
    assert [answer["ok"] for answer in answers][:1] == [True]
    assert code(answers[-1]) == "rate_limited"


def states(socket: Any, user: User) -> list[str]:
    return [told["status"] for told in socket.told("user:presence") if told["userId"] == str(user["_id"])]


def seen(app: Flask, viewer: User, talk: dict[str, Any], user: User) -> str | None:
    """Return what ``viewer`` is shown of whether somebody is there."""
    shown = client_of(app, viewer).get(f"{TALKS}/{talk['_id']}").json["data"]["conversation"]["members"]
    (member,) = [each for each in shown if each["_id"] == str(user["_id"])]
    return (member["presence"] or {}).get("status")
