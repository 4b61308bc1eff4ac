"""States of a stream: announced, on the air, paused, over; one at a time for each host."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.live.models import STATUSES
from mixillo.blueprints.live.services import hosting, timeouts
from mixillo.blueprints.live.services.states import SOURCES, WrongState
from mixillo.config import Settings
from mixillo.core import clock
from tests.connecting import Connect
from tests.factories.auth import client_of
from tests.factories.live import make_stream, stored
from tests.factories.users import make_follow, make_user
from tests.live.conftest import Document, code
from tests.live.rooms import told
from tests.waiting import wait_until

PATH = "/api/live"
BODY = {"title": "Opening the kiln", "provider": "webrtc"}


def test_who_starts_is_on_the_air_at_once(as_ada: FlaskClient, db: Database, ada: Document) -> None:
    answer = as_ada.post(f"{PATH}/start", json=BODY | {"description": "What came of it?"})
    assert answer.status_code == 201
    data = answer.json["data"]
    shown = data["livestream"]
    assert (shown["status"], shown["isLive"], shown["host"]["username"]) == ("live", True, "ada")
    assert data["streamId"] == shown["streamId"]
    assert data["config"]["streamKey"] == shown["streamKey"]
    kept = db["livestreams"].find_one({"_id": ObjectId(shown["_id"])})
    assert (kept["hostId"], kept["status"], kept["startedAt"]) == (ada["_id"], "live", kept["statusAt"])


def test_our_own_media_server_has_to_hear_something_first(media: Settings, as_ada: FlaskClient, db: Database) -> None:
    shown = as_ada.post(f"{PATH}/start", json=BODY | {"provider": "rtmp"}).json["data"]["livestream"]
    assert (shown["status"], shown["startedAt"]) == ("starting", None)
    stream = hosting.go_live(ObjectId(shown["_id"]))
    assert (stream["status"], stream["startedAt"]) == ("live", stream["statusAt"])


def test_nobody_else_learns_the_key(as_ada: FlaskClient, as_bob: FlaskClient, client: FlaskClient) -> None:
    shown = as_ada.post(f"{PATH}/start", json=BODY).json["data"]["livestream"]
    for who in (as_bob, client):
        seen = who.get(f"{PATH}/{shown['_id']}").json["data"]["livestream"]
        assert "streamKey" not in seen
        assert shown["streamKey"] not in who.get(PATH).get_data(as_text=True)
    assert as_ada.get(f"{PATH}/mine").json["data"]["livestreams"][0]["streamKey"] == shown["streamKey"]


def test_a_host_has_one_stream_at_a_time(as_ada: FlaskClient, db: Database) -> None:
    first = as_ada.post(f"{PATH}/start", json=BODY).json["data"]["livestream"]["_id"]
    answer = as_ada.post(f"{PATH}/start", json=BODY)
    assert (code(answer), answer.json["livestreamId"]) == ("live_already_running", first)
    assert as_ada.post(f"{PATH}/{first}/end", json={}).status_code == 200
    assert as_ada.post(f"{PATH}/start", json=BODY).status_code == 201


def test_of_ten_starts_at_once_one_is_on_the_air(app: Flask, db: Database, ada: Document) -> None:
    statuses: list[int] = []
    clients = [client_of(app, ada) for _ in range(10)]
    threads = [
        threading.Thread(target=lambda c=c: statuses.append(c.post(f"{PATH}/start", json=BODY).status_code))
        for c in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(statuses)) == [201, 409] or statuses.count(201) == 1
    assert db["livestreams"].count_documents({"hostId": ada["_id"], "status": "live"}) == 1


def test_a_repeated_start_is_one_stream(as_ada: FlaskClient, db: Database, ops_db: Database) -> None:
    key = {"Idempotency-Key": "once"}
    first = as_ada.post(f"{PATH}/start", json=BODY, headers=key).json["data"]["streamId"]
    ops_db["idempotencykeys"].delete_many({})  # the answer was lost with its worker
    assert as_ada.post(f"{PATH}/start", json=BODY, headers=key).json["data"]["streamId"] == first
    assert db["livestreams"].count_documents({}) == 1


@pytest.mark.parametrize("provider", ["agora", "zegocloud"])
def test_a_provider_that_is_switched_off_carries_nothing(as_ada: FlaskClient, db: Database, provider: str) -> None:
    db["streamproviders"].insert_one({"name": provider, "enabled": provider == "agora", "status": "maintenance"})
    assert code(as_ada.post(f"{PATH}/start", json=BODY | {"provider": provider})) == "live_provider_not_available"


def test_providers_are_listed_without_their_secrets(as_ada: FlaskClient, db: Database) -> None:
    db["streamproviders"].insert_many(
        [
            {"name": "agora", "enabled": True, "priority": 2, "config": {"appCertificate": "secret"}},
            {"name": "webrtc", "enabled": True, "priority": 1},
            {"name": "zegocloud", "enabled": False, "priority": 0},
        ]
    )
    answer = as_ada.get(f"{PATH}/providers")
    assert [each["name"] for each in answer.json["data"]["providers"]] == ["webrtc", "agora"]
    assert "secret" not in answer.get_data(as_text=True)


def test_what_is_announced_is_listed_started_or_called_off(as_ada: FlaskClient, as_bob: FlaskClient) -> None:
    moments = [clock.timestamp(clock.now() + timedelta(hours=hours)) for hours in (2, 1)]
    made = [
        as_ada.post(f"{PATH}/schedule", json=BODY | {"scheduledAt": at}).json["data"]["livestream"] for at in moments
    ]
    listed = as_bob.get(f"{PATH}/scheduled").json["data"]["livestreams"]
    assert [each["_id"] for each in listed] == [made[1]["_id"], made[0]["_id"]]
    assert listed[0]["scheduledAt"] == moments[1]
    assert code(as_bob.delete(f"{PATH}/scheduled/{made[0]['_id']}")) == "live_not_found"
    assert as_ada.delete(f"{PATH}/scheduled/{made[0]['_id']}").json["data"]["livestream"]["status"] == "failed"
    assert code(as_ada.delete(f"{PATH}/scheduled/{made[0]['_id']}")) == "live_wrong_state"
    begun = as_ada.post(f"{PATH}/{made[1]['_id']}/start")
    assert (begun.status_code, begun.json["data"]["livestream"]["status"]) == (200, "live")
    assert as_bob.get(f"{PATH}/scheduled").json["data"]["livestreams"] == []


def test_who_is_on_the_air_does_not_start_another_that_was_announced(
    as_ada: FlaskClient, db: Database, ada: Document, stream: Document
) -> None:
    later = make_stream(db, ada, status="scheduled", scheduledFor=clock.now() + timedelta(hours=1))
    answer = as_ada.post(f"{PATH}/{later['_id']}/start")
    assert (code(answer), answer.json["livestreamId"]) == ("live_already_running", str(stream["_id"]))
    assert stored(db, later)["status"] == "scheduled"
    assert told(later) == []


def test_nothing_is_announced_for_the_past(as_ada: FlaskClient) -> None:
    past = clock.timestamp(clock.now() - timedelta(seconds=1))
    assert code(as_ada.post(f"{PATH}/schedule", json=BODY | {"scheduledAt": past})) == "validation_failed"


def test_a_stream_pauses_goes_on_and_ends(as_ada: FlaskClient, db: Database, stream: Document) -> None:
    path = f"{PATH}/{stream['_id']}"
    assert as_ada.post(f"{path}/pause").json["data"]["livestream"]["status"] == "paused"
    assert code(as_ada.post(f"{path}/pause")) == "live_wrong_state"
    assert as_ada.post(f"{path}/resume").json["data"]["livestream"]["status"] == "live"
    ended = as_ada.post(f"{path}/end", json={}).json["data"]["livestream"]
    assert (ended["status"], ended["startedAt"]) == ("ended", clock.timestamp(stream["startedAt"]))
    assert 3590 < ended["duration"] < 3700
    assert told(stream) == ["live:settings", "live:settings", "stream:ended"]
    assert code(as_ada.post(f"{path}/resume")) == "live_wrong_state"


@pytest.mark.parametrize("action", ["pause", "resume", "end", "start"])
def test_only_the_host_moves_a_stream(as_bob: FlaskClient, db: Database, stream: Document, action: str) -> None:
    assert code(as_bob.post(f"{PATH}/{stream['_id']}/{action}", json={})) == "live_not_found"
    assert stored(db, stream)["status"] == "live"


def test_every_state_is_left_only_where_the_machine_says(app: Flask, db: Database) -> None:
    moves: dict[str, Any] = {
        "live": hosting.go_live,
        "paused": hosting.pause,
        "ended": hosting.end,
    }
    for source in STATUSES:
        for target, move in moves.items():
            stream = make_stream(db, make_user(db), status=source)
            allowed = source in SOURCES[target] and not (source == "scheduled" and target == "live")
            if allowed:
                assert move(stream["_id"])["status"] == target
            else:
                with pytest.raises(WrongState):
                    move(stream["_id"])
                assert stored(db, stream)["status"] == source


def test_followers_who_are_there_hear_that_it_begins(
    app: Flask, db: Database, connect: Connect, as_ada: FlaskClient, ada: Document, bob: Document
) -> None:
    make_follow(db, bob, ada)
    by_bob, by_other = connect(bob), connect(make_user(db))
    wait_until(lambda: db.client["mixillo_test_ops"]["presence"].find_one({"_id.room": "online", "people": bob["_id"]}))
    made = as_ada.post(f"{PATH}/start", json=BODY).json["data"]["livestream"]
    (heard,) = wait_until(lambda: by_bob.told("stream:started"))
    assert (heard["livestreamId"], heard["host"]["username"]) == (made["_id"], "ada")
    assert by_other.told("stream:started") == []


def test_a_private_stream_is_for_who_is_invited(
    app: Flask, db: Database, as_ada: FlaskClient, as_bob: FlaskClient, bob: Document, client: FlaskClient
) -> None:
    eve = make_user(db)
    body = BODY | {"isPrivate": True, "allowedUsers": [str(bob["_id"])]}
    stream_id = as_ada.post(f"{PATH}/start", json=body).json["data"]["livestream"]["_id"]
    assert as_bob.get(f"{PATH}/{stream_id}").status_code == 200
    for who in (client, client_of(app, eve)):
        assert code(who.get(f"{PATH}/{stream_id}")) == "live_not_found"
        assert who.get(PATH).json["data"]["livestreams"] == []
    assert code(client_of(app, eve).post(f"{PATH}/{stream_id}/join", json={})) == "live_not_found"
    stranger = BODY | {"isPrivate": True, "allowedUsers": [str(ObjectId())]}
    assert code(as_bob.post(f"{PATH}/start", json=stranger)) == "validation_failed"


def test_blocks_and_private_profiles_hide_streams(
    app: Flask, db: Database, as_bob: FlaskClient, ada: Document, bob: Document, stream: Document
) -> None:
    db["users"].update_one({"_id": ada["_id"]}, {"$set": {"privacySettings.isPrivate": True}})
    assert code(as_bob.get(f"{PATH}/{stream['_id']}")) == "live_not_found"
    make_follow(db, ada, bob)
    assert as_bob.get(f"{PATH}/{stream['_id']}").status_code == 200
    db["blockedusers"].insert_one({"userId": bob["_id"], "blockedUserId": ada["_id"]})
    assert code(as_bob.get(f"{PATH}/{stream['_id']}")) == "live_not_found"
    assert as_bob.get(PATH).json["data"]["livestreams"] == []


def test_lists_go_on_by_cursor_and_by_their_older_name(app: Flask, db: Database, client: FlaskClient) -> None:
    made = [str(make_stream(db, make_user(db))["_id"]) for _ in range(5)][::-1]
    first = client.get(f"{PATH}?limit=3").json["data"]
    assert [each["_id"] for each in first["livestreams"]] == made[:3]
    rest = client.get(f"/api/live/livestreams?limit=3&cursor={first['pagination']['nextCursor']}")
    assert [each["_id"] for each in rest.json["data"]["livestreams"]] == made[3:]
    assert rest.headers["Deprecation"]
    assert len(client.get("/api/livestreaming").json["data"]["livestreams"]) == 5


def backdated(db: Database, **fields: Any) -> Document:
    return make_stream(db, make_user(db), **fields)


def test_time_runs_out_for_what_nobody_looks_after(app: Flask, db: Database) -> None:
    now = clock.now()
    ago = lambda minutes: now - timedelta(minutes=minutes)  # noqa: E731
    starting = [backdated(db, status="starting", statusAt=ago(minutes)) for minutes in (11, 9)]
    alone = [backdated(db, aliveAt=ago(minutes)) for minutes in (6, 4)]
    paused = [backdated(db, status="paused", statusAt=ago(minutes)) for minutes in (16, 14)]
    missed = [backdated(db, status="scheduled", scheduledFor=ago(60 * hours)) for hours in (25, 23)]
    older = make_stream(db, make_user(db))
    db["livestreams"].update_one({"_id": older["_id"]}, {"$unset": {"aliveAt": ""}})
    assert timeouts.look_after() == {"failed": 1, "paused": 1, "ended": 1, "missed": 1}
    states = [[stored(db, each)["status"] for each in pair] for pair in (starting, alone, paused, missed)]
    assert states == [["failed", "starting"], ["paused", "live"], ["ended", "paused"], ["failed", "scheduled"]]
    assert [stored(db, each[0]).get("failureReason") for each in (starting, missed)] == ["never_began", "missed"]
    assert stored(db, older)["status"] == "live"
    assert told(paused[0]) == ["stream:ended"]
    assert timeouts.look_after() == {"failed": 0, "paused": 0, "ended": 0, "missed": 0}


def test_a_sign_of_life_keeps_a_stream_on_the_air(app: Flask, db: Database, stream: Document) -> None:
    db["livestreams"].update_one({}, {"$set": {"aliveAt": clock.now() - timedelta(minutes=6)}})
    assert hosting.sign_of_life(stream["_id"]) is True
    assert timeouts.look_after()["paused"] == 0
    hosting.end(stream["_id"])
    assert hosting.sign_of_life(stream["_id"]) is False
