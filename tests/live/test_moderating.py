"""What the host and moderators decide: it holds at once, on every socket, and after coming back."""

from datetime import timedelta

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core import clock
from tests.connecting import Connect
from tests.factories.auth import client_of
from tests.factories.live import make_stream, stored
from tests.factories.users import make_user
from tests.live.conftest import Document, code
from tests.live.rooms import about, joined
from tests.waiting import wait_until

PATH = "/api/live"


def of(user: Document, **more: object) -> Document:
    return {"userId": str(user["_id"])} | more


@pytest.mark.parametrize(("what", "expected"), [("kicks", "live_kicked"), ("bans", "live_banned")])
def test_who_is_shown_out_hears_nothing_more_and_does_not_come_back(
    connect: Connect, as_ada: FlaskClient, as_bob: FlaskClient, ada: Document, bob: Document, stream: Document,
    what: str, expected: str,
) -> None:  # fmt: skip
    by_ada = joined(connect, ada, stream)
    by_bob = [joined(connect, bob, stream) for _ in range(2)]
    assert as_ada.post(f"{PATH}/{stream['_id']}/{what}", json=of(bob)).status_code == 201
    for socket in by_bob:
        assert wait_until(lambda s=socket: s.told("live:kicked")) == [about(stream, reason=expected)]
        wait_until(lambda s=socket: code(s.ask("live:chat", about(stream, text="x"))) == "not_in_room")
    by_ada.ask("live:chat", about(stream, text="Peace"))
    wait_until(lambda: by_ada.told("live:message"))
    assert [socket.told("live:message") for socket in by_bob] == [[], []]
    assert code(by_bob[0].ask("live:join", about(stream))) == expected
    assert code(as_bob.post(f"{PATH}/{stream['_id']}/join", json={})) == expected
    assert code(as_bob.post(f"{PATH}/{stream['_id']}/like", json={})) == expected
    room = f"live_{stream['_id']}"
    ready = wait_until(lambda: connect(bob, {room: 0}).told("socket:ready"))
    assert room not in ready[0]["rooms"]
    assert as_ada.delete(f"{PATH}/{stream['_id']}/bans/{bob['_id']}").status_code == 200
    assert by_bob[0].ask("live:join", about(stream))["ok"]


def test_a_kick_ends_by_itself(
    connect: Connect, as_ada: FlaskClient, db: Database, bob: Document, stream: Document
) -> None:
    assert as_ada.post(f"{PATH}/{stream['_id']}/kicks", json=of(bob, minutes=1)).status_code == 201
    socket = connect(bob)
    assert code(socket.ask("live:join", about(stream))) == "live_kicked"
    db["liveparticipants"].update_one({}, {"$set": {"kickedUntil": clock.now() - timedelta(seconds=1)}})
    assert socket.ask("live:join", about(stream))["ok"]


def test_who_is_muted_hears_and_does_not_speak(
    connect: Connect, as_ada: FlaskClient, db: Database, bob: Document, stream: Document
) -> None:
    by_bob = joined(connect, bob, stream)
    assert as_ada.post(f"{PATH}/{stream['_id']}/mutes", json=of(bob, minutes=1)).status_code == 201
    assert wait_until(lambda: by_bob.told("live:muted"))[0]["userId"] == str(bob["_id"])
    assert code(by_bob.ask("live:chat", about(stream, text="x"))) == "live_muted"
    assert by_bob.ask("live:like", about(stream))["ok"]
    assert as_ada.delete(f"{PATH}/{stream['_id']}/mutes/{bob['_id']}").status_code == 200
    assert by_bob.ask("live:chat", about(stream, text="x"))["ok"]
    assert wait_until(lambda: len(by_bob.told("live:muted")) == 2)
    assert by_bob.told("live:muted")[1]["until"] is None
    as_ada.post(f"{PATH}/{stream['_id']}/mutes", json=of(bob, minutes=1))
    db["liveparticipants"].update_one({}, {"$set": {"mutedUntil": clock.now() - timedelta(seconds=1)}})
    assert by_bob.ask("live:chat", about(stream, text="y"))["ok"]


def test_who_the_host_blocks_speaks_no_more(
    connect: Connect, db: Database, ada: Document, bob: Document, stream: Document
) -> None:
    by_bob = joined(connect, bob, stream)
    db["blockedusers"].insert_one({"userId": ada["_id"], "blockedUserId": bob["_id"]})
    assert not by_bob.ask("live:chat", about(stream, text="x"))["ok"]
    assert code(by_bob.ask("live:join", about(stream))) == "live_not_found"
    # … and is in the room no more, some seconds later.
    wait_until(
        lambda: code(by_bob.ask("live:like", about(stream))) == "not_in_room" if by_bob.told("room:out") else False
    )


def test_moderators_decide_but_not_about_the_host_or_each_other(
    app: Flask, db: Database, as_ada: FlaskClient, as_bob: FlaskClient, ada: Document, bob: Document, stream: Document
) -> None:
    path, eve, max_ = f"{PATH}/{stream['_id']}", make_user(db), make_user(db)
    assert code(as_bob.post(f"{path}/mutes", json=of(eve))) == "live_not_moderator"
    assert code(as_bob.patch(f"{path}/settings", json={"slowModeSeconds": 1})) == "live_not_moderator"
    assert code(as_bob.get(f"{path}/bans")) == "live_not_moderator"
    for moderator in (bob, max_):
        assert as_ada.post(f"{path}/moderators", json=of(moderator)).status_code == 201
    assert as_bob.post(f"{path}/mutes", json=of(eve)).status_code == 201
    for other in (ada, max_):
        assert code(as_bob.post(f"{path}/bans", json=of(other))) == "live_one_of_the_team"
    assert code(as_bob.post(f"{path}/moderators", json=of(eve))) == "live_not_found"
    assert as_bob.post(f"{path}/bans", json=of(eve, reason="Advertising")).status_code == 201
    (ban,) = as_bob.get(f"{path}/bans").json["data"]["bans"]
    assert (ban["userId"], ban["reason"]) == (str(eve["_id"]), "Advertising")
    assert as_ada.delete(f"{path}/moderators/{bob['_id']}").status_code == 200
    assert code(as_bob.post(f"{path}/mutes", json=of(eve))) == "live_not_moderator"


def test_who_is_banned_is_no_moderator_any_more(
    db: Database, as_ada: FlaskClient, bob: Document, stream: Document
) -> None:
    path = f"{PATH}/{stream['_id']}"
    as_ada.post(f"{path}/moderators", json=of(bob))
    for _ in range(2):
        assert as_ada.post(f"{path}/bans", json=of(bob)).status_code == 201
    kept = stored(db, stream)
    assert (kept["moderators"], [each["userId"] for each in kept["bannedUsers"]]) == ([], [bob["_id"]])


def test_nobody_decides_about_somebody_who_is_not_there(as_ada: FlaskClient, stream: Document) -> None:
    for what in ("mutes", "kicks", "bans", "moderators"):
        answer = as_ada.post(f"{PATH}/{stream['_id']}/{what}", json={"userId": str(ObjectId())})
        assert code(answer) == "USER_NOT_FOUND"


def test_a_line_is_pinned_and_removed(
    connect: Connect,
    app: Flask,
    db: Database,
    as_ada: FlaskClient,
    as_bob: FlaskClient,
    bob: Document,
    stream: Document,
) -> None:
    by_bob, path = joined(connect, bob, stream), f"{PATH}/{stream['_id']}"
    said = by_bob.ask("live:chat", about(stream, text="Read this"))["id"]
    assert code(as_bob.put(f"{path}/pin", json={"messageId": said})) == "live_not_moderator"
    assert as_ada.put(f"{path}/pin", json={"messageId": said}).json["data"]["message"]["text"] == "Read this"
    eve = client_of(app, make_user(db))
    assert code(eve.delete(f"{path}/messages/{said}")) == "live_message_not_found"
    assert as_bob.delete(f"{path}/messages/{said}").status_code == 200
    assert code(as_bob.delete(f"{path}/messages/{said}")) == "live_message_not_found"
    wait_until(lambda: len(by_bob.told("live:pinned")) == 2)
    assert by_bob.told("live:message_deleted") == [about(stream, messageId=said)]
    assert by_bob.told("live:pinned")[1]["message"] is None
    assert as_bob.get(f"{path}/messages").json["data"]["messages"] == []
    assert code(as_ada.put(f"{path}/pin", json={"messageId": said})) == "live_message_not_found"
    assert as_ada.put(f"{path}/pin", json={"messageId": None}).status_code == 200


def test_a_line_of_another_stream_is_not_touched(
    connect: Connect, db: Database, as_ada: FlaskClient, bob: Document, stream: Document
) -> None:
    other = make_stream(db, make_user(db))
    said = joined(connect, bob, other).ask("live:chat", about(other, text="Elsewhere"))["id"]
    path = f"{PATH}/{stream['_id']}"
    assert code(as_ada.delete(f"{path}/messages/{said}")) == "live_message_not_found"
    assert code(as_ada.put(f"{path}/pin", json={"messageId": said})) == "live_message_not_found"


def test_what_administrators_do_in_anothers_stream_is_recorded(
    db: Database, ops_db: Database, as_admin: FlaskClient, as_ada: FlaskClient, bob: Document, stream: Document
) -> None:
    path = f"{PATH}/{stream['_id']}"
    assert as_admin.post(f"{path}/bans", json=of(bob)).status_code == 201
    assert as_admin.patch(f"{path}/settings", json={"allowGifts": False}).status_code == 200
    assert as_ada.patch(f"{path}/settings", json={"allowGifts": True}).status_code == 200
    assert ops_db["auditlog"].count_documents({"action": "live.moderated", "targetId": stream["_id"]}) == 2
