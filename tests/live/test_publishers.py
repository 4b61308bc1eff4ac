"""One publisher at a time, who may lose the connection and come back."""

import threading

from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.live.services import timeouts
from mixillo.config import Settings
from tests.factories.live import stored
from tests.live.conftest import Document, code
from tests.live.publishing import PATH, Call, age, key_of, state
from tests.live.rooms import told


def test_a_repeated_call_changes_nothing(nginx: Call, db: Database, begun: Document) -> None:
    for _ in range(3):
        assert nginx("publish", begun).status_code == 200
    began = stored(db, {"_id": ObjectId(begun["_id"])})["startedAt"]
    for _ in range(3):
        assert nginx("publish_done", begun).status_code == 200
    assert told(begun) == ["live:settings", "live:settings"]
    kept = stored(db, {"_id": ObjectId(begun["_id"])})
    assert (kept["status"], kept["startedAt"]) == ("paused", began)


def test_a_second_publisher_is_refused_and_its_leaving_ends_nothing(nginx: Call, db: Database, begun: Document) -> None:
    assert nginx("publish", begun).status_code == 200
    assert code(nginx("publish", begun, client_id=13)) == "live_second_publisher"
    assert nginx("publish_done", begun, client_id=13).status_code == 200
    assert state(db, begun) == "live"
    assert code(nginx("update_publish", begun, client_id=13)) == "live_not_publishing"


def test_of_four_publishers_at_once_one_is_let_in_however_often_it_calls(
    app: Flask, media: Settings, db: Database, begun: Document
) -> None:
    answers: list[tuple[int, int]] = []

    def call(number: int) -> None:
        form = {"call": "publish", "addr": "203.0.113.7", "clientid": number, "name": begun["streamId"]}
        headers = {"Authorization": f"Bearer {media.media_secret}"}
        answer = app.test_client().post(f"{PATH}/nginx", data=form | {"key": key_of(begun)}, headers=headers)
        answers.append((number, answer.status_code))

    threads = [threading.Thread(target=call, args=(number,)) for number in (1, 2, 3, 4, 1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    let_in = {number for number, status in answers if status == 200}
    assert len(let_in) == 1
    assert sorted(status for _, status in answers) == [200] * 2 + [409] * 6
    assert (state(db, begun), told(begun)) == ("live", ["live:settings"])


def test_a_broken_uplink_may_come_back(nginx: Call, db: Database, begun: Document, as_ada: FlaskClient) -> None:
    nginx("publish", begun)
    nginx("publish_done", begun)
    assert code(as_ada.post(f"/api/live/{begun['_id']}/resume")) == "live_wrong_state"
    assert code(nginx("update_publish", begun)) == "live_not_publishing"
    assert nginx("publish", begun, client_id=14).status_code == 200
    age(db, minutes=1)
    assert timeouts.look_after() == {"failed": 0, "paused": 0, "ended": 0, "missed": 0}
    assert state(db, begun) == "live"


def test_a_media_server_that_falls_silent_is_given_up_and_taken_back(
    nginx: Call, db: Database, begun: Document
) -> None:
    nginx("publish", begun)
    age(db, seconds=91)
    assert timeouts.look_after()["paused"] == 1
    assert nginx("update_publish", begun).status_code == 200
    assert state(db, begun) == "live"
    age(db, seconds=91)
    assert nginx("publish", begun, client_id=15).status_code == 200  # it was restarted, and knows nothing of the first


def test_what_is_over_takes_nothing_more(nginx: Call, as_ada: FlaskClient, begun: Document) -> None:
    nginx("publish", begun)
    assert as_ada.post(f"/api/live/{begun['_id']}/end", json={}).status_code == 200
    assert code(nginx("update_publish", begun)) == "live_not_publishing"
    assert code(nginx("publish", begun)) == "live_wrong_state"
    assert nginx("publish_done", begun).status_code == 200


def test_a_pause_of_the_hosts_own_outlives_the_encoder(
    nginx: Call, as_ada: FlaskClient, db: Database, begun: Document
) -> None:
    nginx("publish", begun)
    assert as_ada.post(f"/api/live/{begun['_id']}/pause").status_code == 200
    nginx("publish_done", begun)
    age(db, minutes=5)
    assert timeouts.look_after()["ended"] == 0
    assert nginx("publish", begun, client_id=16).status_code == 200
    assert state(db, begun) == "live"


def test_a_banned_host_publishes_nothing(nginx: Call, db: Database, ada: Document, begun: Document) -> None:
    db["users"].update_one({"_id": ada["_id"]}, {"$set": {"status": "banned"}})
    assert code(nginx("publish", begun)) == "live_publishing_refused"


def test_calls_of_players_and_unknown_ones_touch_no_stream(nginx: Call, db: Database, begun: Document) -> None:
    assert nginx("update_play", begun).status_code == 200
    assert code(nginx("play", begun)) == "live_playing_refused"
    assert code(nginx("", begun)) == "live_playing_refused"
    assert state(db, begun) == "starting"
