"""Who goes on the air is told to those who follow them: in batches, once, as they like it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.live.services import hosting
from mixillo.blueprints.live.services import telling as live
from mixillo.blueprints.notifications.models import ANNOUNCEMENTS, NotificationPreferences
from mixillo.blueprints.notifications.services import announcing
from mixillo.core import clock
from mixillo.core.realtime import presence
from tests.factories.live import make_stream
from tests.factories.users import make_follow, make_user
from tests.notifications.conftest import Emitted
from tests.plans import faults, profiled
from tests.waiting import wait_until

User = dict[str, Any]


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is announced waits until a test works it off."""
    monkeypatch.setattr(announcing, "_begin", lambda _stream_id: None)


@pytest.fixture
def fans(db: Database, ada: User) -> list[User]:
    found = [make_user(db, username=f"fan{number}") for number in range(7)]
    for fan in found:
        make_follow(db, fan, ada)
    return found


def report(*_progress: Any) -> None:
    """Nobody watches."""


def go_live(db: Database, host: User, **fields: Any) -> User:
    stream = make_stream(db, host, **fields)
    live.on_air(stream)
    return stream


def told(db: Database) -> list[Any]:
    return [each["userId"] for each in db["notifications"].find({"type": "live"}, sort=[("_id", 1)])]


def test_followers_hear_of_who_goes_on_the_air_by_the_api(
    app: Flask, as_ada: FlaskClient, db: Database, ops_db: Database, ada: User, fans: list[User]
) -> None:
    started = as_ada.post("/api/live/start", json={"title": "Opening the kiln", "provider": "webrtc"})
    assert started.status_code == 201
    assert announcing.work_off(report) == {"batches": 1, "notifications": 7}
    assert sorted(told(db)) == sorted(fan["_id"] for fan in fans)
    stored = db["notifications"].find_one({"userId": fans[0]["_id"]})
    stream_id = started.json["data"]["livestream"]["_id"]
    assert (stored["body"], stored["actionUrl"]) == ("ada is live: Opening the kiln", f"/live/{stream_id}")
    assert (str(stored["relatedContentId"]), stored["relatedType"], stored["senderId"]) == (
        stream_id, "livestream", ada["_id"],
    )  # fmt: skip
    assert ops_db[ANNOUNCEMENTS].count_documents({}) == 0
    assert announcing.work_off(report) == {"batches": 0, "notifications": 0}


def test_many_are_told_in_batches_each_once_wherever_it_stopped(
    db: Database, ops_db: Database, ada: User, fans: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AT_ONCE", 3)
    db["follows"].update_many({"followerId": {"$in": [fan["_id"] for fan in fans[:2]]}}, {"$unset": {"createdAt": 1}})
    go_live(db, ada)
    announcement = ops_db[ANNOUNCEMENTS].find_one()
    assert announcement
    # Two processes come to the same batch; then the first is killed, and another goes on.
    assert [announcing._tell_some(announcement) for _ in range(2)] == [3, 0]
    assert len(told(db)) == 3
    assert announcing.work_off(report) == {"batches": 2, "notifications": 4}
    assert sorted(told(db)) == sorted(fan["_id"] for fan in fans)


def test_again_before_it_was_read_is_one_notification_that_leads_to_the_latest(
    db: Database, ada: User, fans: list[User]
) -> None:
    go_live(db, ada, title="One")
    announcing.work_off(report)
    db["notifications"].update_one({"userId": fans[0]["_id"]}, {"$set": {"isRead": True}})
    db["livestreams"].update_many({}, {"$set": {"status": "ended"}})
    second = go_live(db, ada, title="Two")
    announcing.work_off(report)
    found = list(db["notifications"].find({"relatedContentId": second["_id"]}))
    assert len(found) == 7
    assert {each["body"] for each in found} == {"ada is live: Two"}
    assert db["notifications"].count_documents({}) == 8  # one has read of the first


def test_preferences_blocks_and_closed_accounts_are_respected(db: Database, ada: User, fans: list[User]) -> None:
    db["users"].update_one({"_id": fans[0]["_id"]}, {"$set": {"notificationSettings.liveStreams": False}})
    db["notificationpreferences"].insert_one({"userId": fans[1]["_id"], "types": {"live": {"inApp": False}}})
    db["blockedusers"].insert_one({"userId": fans[2]["_id"], "blockedUserId": ada["_id"]})
    db["blockedusers"].insert_one({"userId": ada["_id"], "blockedUserId": fans[3]["_id"]})
    db["users"].update_one({"_id": fans[4]["_id"]}, {"$set": {"status": "banned"}})
    db["follows"].update_one({"followerId": fans[5]["_id"]}, {"$set": {"notificationsEnabled": False}})
    go_live(db, ada)
    announcing.work_off(report)
    assert told(db) == [fans[6]["_id"]]


def test_of_a_private_stream_those_hear_who_may_see_it(db: Database, ada: User, bob: User, fans: list[User]) -> None:
    go_live(db, ada, isPrivate=True, allowedUsers=[bob["_id"]])
    announcing.work_off(report)
    assert told(db) == [bob["_id"]]


def test_of_a_private_profile_those_hear_whom_its_owner_follows(db: Database, ada: User, fans: list[User]) -> None:
    db["users"].update_one({"_id": ada["_id"]}, {"$set": {"privacySettings.isPrivate": True}})
    make_follow(db, ada, fans[2])
    go_live(db, ada)
    announcing.work_off(report)
    assert told(db) == [fans[2]["_id"]]


def test_what_is_over_before_it_was_told_is_no_news(
    db: Database, ops_db: Database, ada: User, fans: list[User]
) -> None:
    stream = go_live(db, ada)
    hosting.end(stream["_id"])
    assert announcing.work_off(report)["notifications"] == 0
    assert (told(db), ops_db[ANNOUNCEMENTS].count_documents({})) == ([], 0)


def test_who_is_online_hears_at_once_and_nothing_rings_in_quiet_hours(
    db: Database, ada: User, fans: list[User], emitted: Emitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "online", lambda _ids: {fans[0]["_id"], fans[1]["_id"]})
    now = clock.now()
    hours = {"start": f"{now - timedelta(hours=1):%H:%M}", "end": f"{now + timedelta(hours=1):%H:%M}"}
    quiet = {"enabled": True, "timezone": "UTC"} | hours
    db["notificationpreferences"].insert_one({"userId": fans[1]["_id"], "quietHours": quiet})
    go_live(db, ada)
    announcing.work_off(report)
    heard = {to: told["silent"] for event, told, to in emitted if event == "notification"}
    assert heard == {f"user_{fans[0]['_id']}": False, f"user_{fans[1]['_id']}": True}
    assert len(told(db)) == 7


def test_it_happens_by_itself(db: Database, ada: User, fans: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    go_live(db, ada)
    wait_until(lambda: len(told(db)) == 7)


def test_batches_are_found_by_indexes(
    db: Database, ops_db: Database, ada: User, fans: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    NotificationPreferences.ensure_collection()
    monkeypatch.setattr(live, "AT_ONCE", 3)
    go_live(db, ada)
    with profiled(db, ops_db) as entries:
        announcing.work_off(report)
    of_people = [each for each in entries if not each["ns"].endswith(f".{ANNOUNCEMENTS}")]  # which holds a handful
    assert of_people
    assert faults(of_people) == []
