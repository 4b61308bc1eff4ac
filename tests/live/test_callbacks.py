"""What media servers tell makes streams live, paused and ended; nobody else can."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.live.queries import playback
from mixillo.blueprints.live.services import timeouts, watching
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.realtime import room_log
from tests.factories.live import make_stream, stored
from tests.live.conftest import Document, code
from tests.live.publishing import PATH, Call, age, key_of, state
from tests.live.rooms import told


def test_what_is_published_is_on_the_air_and_ends_after_its_encoder(nginx: Call, db: Database, begun: Document) -> None:
    assert begun["rtmpUrl"] == "rtmp://media.example.com/live"
    assert begun["streamKey"].startswith(begun["streamId"] + "?key=")
    assert nginx("publish", begun).status_code == 200
    assert state(db, begun) == "live"
    assert nginx("update_publish", begun).status_code == 200
    assert nginx("publish_done", begun).status_code == 200
    assert state(db, begun) == "paused"
    age(db, seconds=25)
    assert timeouts.look_after()["ended"] == 0
    age(db, seconds=6)
    assert timeouts.look_after()["ended"] == 1
    assert state(db, begun) == "ended"
    assert told(begun) == ["live:settings", "live:settings", "stream:ended"]
    assert room_log.behind(f"live_{begun['_id']}", 0)[-1].payload["reason"] == "media_gone"


def test_without_a_grace_it_ends_with_its_encoder(
    app: Flask, nginx: Call, db: Database, begun: Document, monkeypatch: pytest.MonkeyPatch, media: Settings
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(media, media_grace_seconds=0))
    nginx("publish", begun)
    assert nginx("publish_done", begun, client_id=13).status_code == 200
    assert state(db, begun) == "live"
    for _ in range(2):
        assert nginx("publish_done", begun).status_code == 200
    assert state(db, begun) == "ended"
    assert told(begun) == ["live:settings", "stream:ended"]


def test_who_watches_does_not_wait_for_the_end(nginx: Call, db: Database, bob: Document, begun: Document) -> None:
    nginx("publish", begun)
    nginx("publish_done", begun)
    watching.counted(ObjectId(begun["_id"]), {bob["_id"]})
    assert state(db, begun) == "paused"
    age(db, seconds=31)
    watching.counted(ObjectId(begun["_id"]), {bob["_id"]})
    assert state(db, begun) == "ended"


def test_no_key_is_stored(begun: Document, db: Database) -> None:
    kept = stored(db, {"_id": ObjectId(begun["_id"])})
    assert "streamKey" not in kept
    assert key_of(begun) not in str(kept)
    assert len(key_of(begun)) == 48


def test_only_the_whole_key_opens_and_a_refusal_does_not_say_why(nginx: Call, db: Database, begun: Document) -> None:
    right = key_of(begun)
    for wrong in ("", right[:-1], right[:8], right + "0", right.upper(), "ü", "0" * 48):
        answer = nginx("publish", begun, key=wrong)
        assert (answer.status_code, code(answer)) == (403, "live_publishing_refused"), wrong
    unknown = nginx("publish", begun | {"streamId": "stream_unknown"}, key=right)
    assert code(unknown) == "live_publishing_refused"
    assert state(db, begun) == "starting"


def test_the_key_of_one_stream_opens_no_other(nginx: Call, db: Database, begun: Document, bob: Document) -> None:
    other = make_stream(db, bob, provider="rtmp", status="starting")
    assert code(nginx("publish", other, key=key_of(begun))) == "live_publishing_refused"


def test_a_key_that_the_existing_system_has_stored_goes_on_working(
    nginx: Call, db: Database, bob: Document, media: Settings
) -> None:
    older = make_stream(db, bob, provider="rtmp", status="starting", streamKey="from-the-old-days")
    assert code(nginx("publish", older, key="from-the")) == "live_publishing_refused"
    assert nginx("publish", older, key="from-the-old-days").status_code == 200
    assert stored(db, older)["status"] == "live"


@pytest.mark.parametrize("path", ["nginx", "mediamtx", "srs"])
def test_nobody_without_the_secret_makes_anything_live_or_ended(
    client: FlaskClient, db: Database, begun: Document, media: Settings, path: str
) -> None:
    body = {"call": "publish", "action": "publish", "name": begun["streamId"]}
    for offered in ("", "wrong", media.media_secret[:-1], media.media_secret[:8]):
        for headers, query in (({"Authorization": f"Bearer {offered}"}, ""), ({}, f"?secret={offered}")):
            answer = client.post(f"{PATH}/{path}{query}", json=body, headers=headers)
            assert answer.status_code == 401, (offered, answer.json)
    assert state(db, begun) == "starting"


def test_without_a_configured_secret_nothing_is_heard(
    app: Flask, client: FlaskClient, db: Database, begun: Document, monkeypatch: pytest.MonkeyPatch, media: Settings
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(media, media_secret=""))
    form = {"call": "publish", "addr": "203.0.113.7", "clientid": "12", "name": begun["streamId"], "key": key_of(begun)}
    for headers, query in (({}, ""), ({}, "?secret="), ({"Authorization": "Bearer "}, "")):
        answer = client.post(f"{PATH}/nginx{query}", data=form, headers=headers)
        assert (answer.status_code, code(answer)) == (404, "not_found")
    assert state(db, begun) == "starting"


def test_mediamtx_asks_and_tells_in_its_own_words(
    client: FlaskClient, db: Database, begun: Document, media: Settings
) -> None:
    def ask(action: str, connection: Any = "5c6d2b62-5f0e-4f0a-9b0a-0b6f4f0f1c11", query: str = "", **more: Any) -> int:
        body = {
            "user": "", "password": "", "token": None, "ip": "203.0.113.7", "action": action, "protocol": "rtmp",
            "path": f"live/{begun['streamId']}", "id": connection, "query": query, "userAgent": "a later version's",
        }  # fmt: skip
        answer = client.post(f"{PATH}/mediamtx?{urlencode({'secret': media.media_secret})}", json=body | more)
        return answer.status_code

    assert ask("publish", query="key=wrong") == 403
    assert ask("publish", query=f"key={key_of(begun)}") == 200
    assert state(db, begun) == "live"
    assert ask("publish", "another", query=f"key={key_of(begun)}") == 409
    assert ask("publish", None, query=f"key={key_of(begun)}") == 404
    assert ask("update") == 200
    assert ask("unpublish", "another") == 200
    assert state(db, begun) == "live"
    assert ask("unpublish") == 200
    assert state(db, begun) == "paused"
    assert ask("api") == 403
    until = int(clock.now().timestamp()) + 60
    right = playback.signature(media.media_secret, begun["streamId"], until)
    assert ask("read", query=f"expires={until}&signature={right}") == 200
    assert ask("read", query=f"expires={until + 1}&signature={right}") == 403
    assert ask("read") == 403
    late = until - 120
    of_then = playback.signature(media.media_secret, begun["streamId"], late)
    assert ask("read", query=f"expires={late}&signature={of_then}") == 403


def test_srs_hears_the_code_that_it_waits_for(
    client: FlaskClient, db: Database, begun: Document, media: Settings
) -> None:
    def tell(action: str, connection: Any = "341w361a", param: str = "", **more: Any) -> Any:
        body = {
            "server_id": "vid-0xk989d", "service_id": "382k456r", "action": action, "client_id": connection,
            "ip": "203.0.113.7", "vhost": "__defaultVhost__", "app": "live", "stream": begun["streamId"],
            "param": param, "tcUrl": "rtmp://media.example.com/live", "stream_url": "video/live", "stream_id": "vid-1",
        }  # fmt: skip
        return client.post(f"{PATH}/srs?{urlencode({'secret': media.media_secret})}", json=body | more)

    assert tell("on_publish", param="?key=wrong").status_code == 403
    answer = tell("on_publish", param=f"?key={key_of(begun)}")
    assert (answer.status_code, answer.json) == (200, {"code": 0})
    assert tell("on_publish", 1985, param=f"?key={key_of(begun)}").status_code == 409
    assert tell("on_hls", duration=9.36, seq_no=100, file="live.ts").json == {"code": 0}
    assert tell("on_play").status_code == 403
    assert state(db, begun) == "live"
    assert tell("on_unpublish", param=f"?key={key_of(begun)}").json == {"code": 0}
    assert state(db, begun) == "paused"


def test_rtmp_needs_a_media_server(as_ada: FlaskClient) -> None:
    answer = as_ada.post("/api/live/start", json={"title": "Opening the kiln", "provider": "rtmp"})
    assert (answer.status_code, code(answer)) == (409, "live_provider_not_configured")
