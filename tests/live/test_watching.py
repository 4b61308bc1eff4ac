"""Who watches: people, not sockets; and right again whatever dies."""

from datetime import timedelta

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.live.services import hosting, settling, watching
from mixillo.core import clock
from mixillo.core.realtime import presence
from tests.connecting import Connect
from tests.factories.live import make_stream, stored
from tests.factories.users import make_user
from tests.live.conftest import Document
from tests.live.rooms import about
from tests.waiting import wait_until

PATH = "/api/live"


def row(db: Database, user: Document) -> Document:
    found: Document = db["liveparticipants"].find_one({"userId": user["_id"]})
    return found


def test_viewers_are_people_and_not_sockets_and_the_host_is_none(
    connect: Connect, db: Database, ada: Document, bob: Document, stream: Document
) -> None:
    by_ada, *_ = [connect(user) for user in (ada, bob, bob, make_user(db))]
    sockets = [connect(user) for user in (ada, bob, bob)]
    for socket in [by_ada, *sockets]:
        assert socket.ask("live:join", about(stream))["ok"]
    wait_until(lambda: by_ada.told("live:viewers") and by_ada.told("live:viewers")[-1]["viewerCount"] == 1)
    eve = connect(make_user(db))
    eve.ask("live:join", about(stream))
    wait_until(lambda: by_ada.told("live:viewers")[-1]["viewerCount"] == 2)
    kept = stored(db, stream)
    assert [kept[name] for name in ("currentViewers", "peakViewers", "uniqueViewers", "totalViews")] == [2, 2, 2, 2]
    eve.close()
    wait_until(lambda: by_ada.told("live:viewers")[-1]["viewerCount"] == 1)
    assert stored(db, stream)["peakViewers"] == 2


def test_the_last_one_who_leaves_is_counted_too(
    connect: Connect, db: Database, bob: Document, stream: Document
) -> None:
    socket = connect(bob)
    socket.ask("live:join", about(stream))
    wait_until(lambda: stored(db, stream)["currentViewers"] == 1)
    socket.close()
    wait_until(lambda: stored(db, stream)["currentViewers"] == 0)


def test_the_host_in_the_room_is_a_sign_of_life(
    connect: Connect, db: Database, ada: Document, stream: Document
) -> None:
    long_ago = clock.now() - timedelta(minutes=4)
    db["livestreams"].update_one({}, {"$set": {"aliveAt": long_ago}})
    connect(ada).ask("live:join", about(stream))
    wait_until(lambda: stored(db, stream)["aliveAt"] > long_ago)


def test_a_visit_that_nobody_ended_ends_when_somebody_was_seen_last(app: Flask, db: Database, stream: Document) -> None:
    people = [ObjectId(), ObjectId()]
    watching.see(stream["_id"], people)
    begun, seen = clock.now() - timedelta(minutes=10), clock.now() - timedelta(minutes=7)
    db["liveparticipants"].update_one(
        {"userId": people[0]}, {"$set": {"visitSince": begun, "lastSeenAt": seen}}
    )  # its instance was killed
    assert watching.sweep() == 1
    gone, there = row(db, {"_id": people[0]}), row(db, {"_id": people[1]})
    assert (gone["isHere"], gone["watchSeconds"], gone["lastSeenAt"]) == (False, 180, seen)
    assert there["isHere"] is True
    assert watching.sweep() == 0


def test_who_comes_again_is_one_person_with_two_visits(app: Flask, db: Database, stream: Document) -> None:
    person = ObjectId()
    for _ in range(3):
        watching.see(stream["_id"], [person])
    assert row(db, {"_id": person})["visits"] == 1
    settling.close_visits({"userId": person}, clock.now())
    watching.see(stream["_id"], [person])
    kept = stored(db, stream)
    assert (row(db, {"_id": person})["visits"], kept["uniqueViewers"], kept["totalViews"]) == (2, 1, 2)


def test_a_stream_that_no_instance_has_people_of_is_recounted(app: Flask, db: Database, stream: Document) -> None:
    older = make_stream(db, make_user(db), currentViewers=7)
    db["livestreams"].update_one({"_id": older["_id"]}, {"$unset": {"aliveAt": ""}})
    db["livestreams"].update_one({"_id": stream["_id"]}, {"$set": {"currentViewers": 9}})
    people = [ObjectId(), ObjectId(), stream["hostId"]]
    for number, at in ((0, clock.now()), (1, clock.now() - presence.FRESH - timedelta(seconds=1))):
        presence.rows().insert_one(
            {"_id": {"room": f"live_{stream['_id']}", "instance": str(number)}, "people": people[number:], "at": at}
        )
    watching.sweep()
    assert stored(db, stream)["currentViewers"] == 2
    presence.rows().delete_many({})
    watching.sweep()
    assert stored(db, stream)["currentViewers"] == 0
    assert stored(db, older)["currentViewers"] == 7  # not ours to know


def test_what_a_stream_was_adds_up_when_it_is_over(app: Flask, db: Database, stream: Document) -> None:
    people = [ObjectId(), ObjectId(), ObjectId()]
    watching.see(stream["_id"], people)
    now = clock.now()
    rows = db["liveparticipants"]
    rows.update_one({"userId": people[0]}, {"$set": {"visitSince": now - timedelta(seconds=100), "watchSeconds": 50}})
    rows.update_one({"userId": people[0]}, {"$set": {"visits": 2}})
    rows.update_one({"userId": people[1]}, {"$set": {"visitSince": now - timedelta(seconds=30)}})
    rows.update_one({"userId": people[2]}, {"$set": {"visits": 0, "isHere": False}})  # muted, never there
    db["livemessages"].insert_many([{"livestreamId": stream["_id"], "seq": n} for n in range(4)])
    hosting.end(stream["_id"])
    kept = stored(db, stream)
    assert (kept["uniqueViewers"], kept["totalViews"], kept["returningViewers"]) == (2, 3, 1)
    assert 180 <= kept["totalWatchTime"] <= 183
    assert (kept["messagesCount"], kept["currentViewers"], kept["isSettled"]) == (4, 0, True)
    assert rows.count_documents({"isHere": True}) == 0


def test_what_ended_in_a_process_that_died_is_settled_later(
    app: Flask, db: Database, stream: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_stream_id: ObjectId) -> None:
        raise SystemExit

    watching.see(stream["_id"], [ObjectId()])
    with monkeypatch.context() as patched:
        patched.setattr(settling, "settle", die)
        with pytest.raises(SystemExit):
            hosting.end(stream["_id"])
    assert (stored(db, stream)["status"], stored(db, stream).get("isSettled")) == ("ended", False)
    assert settling.settle_forgotten() == 0  # somebody may be about to
    db["livestreams"].update_one({}, {"$set": {"statusAt": clock.now() - timedelta(minutes=1)}})
    assert settling.settle_forgotten() == 1
    assert (stored(db, stream)["uniqueViewers"], stored(db, stream)["isSettled"]) == (1, True)
    assert settling.settle_forgotten() == 0


def test_joining_and_leaving_over_http_is_a_visit(
    as_bob: FlaskClient, as_ada: FlaskClient, db: Database, bob: Document, stream: Document
) -> None:
    path = f"{PATH}/{stream['_id']}"
    answer = as_bob.post(f"{path}/join", json={"role": "guest"})
    assert (answer.status_code, answer.json["data"]["livestream"]["_id"]) == (200, str(stream["_id"]))
    assert as_ada.post(f"{path}/join", json={}).status_code == 200
    assert row(db, bob)["isHere"] is True
    assert db["liveparticipants"].count_documents({}) == 1
    assert as_bob.post(f"{path}/leave").status_code == 200
    assert row(db, bob)["isHere"] is False
