"""Ada who is on the air, Bob who watches; what media servers tell; nothing kept from the test before."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.gifts.models import GiftTransaction
from mixillo.blueprints.live.models import LiveMessage, LiveParticipant
from mixillo.blueprints.live.services import watching
from mixillo.blueprints.live.services.tally import tally
from mixillo.config import Settings
from tests.factories.live import make_stream
from tests.live.publishing import PATH, Call, key_of

Document = dict[str, Any]


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> Iterator[None]:
    """What the test before has counted is forgotten; what tests store themselves goes to collections with indexes."""
    for model in (LiveMessage, LiveParticipant, GiftTransaction):
        model.ensure_collection()
    watching.forget()
    yield
    tally.write()


@pytest.fixture
def stream(db: Database, ada: Document) -> Document:
    return make_stream(db, ada)


@pytest.fixture
def media(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A media server, and LiveKit; return the settings that name them."""
    made = replace(
        app.config["SETTINGS"],
        media_secret="media-" + "m" * 32,
        media_ingest_url="rtmp://media.example.com/live",
        media_playback_url="https://media.example.com/hls",
        livekit_url="wss://livekit.example.com",
        livekit_api_key="APIkey",
        livekit_api_secret="livekit-" + "l" * 32,
    )
    monkeypatch.setitem(app.config, "SETTINGS", made)
    return made


def code(answer: Any) -> str:
    """Return the code of a refusal, over a socket or HTTP."""
    if isinstance(answer, dict):
        assert answer["ok"] is False, answer
        return str(answer["error"]["code"])
    assert answer.status_code >= 400, answer.json
    return str(answer.json["code"])


@pytest.fixture
def begun(media: Settings, as_ada: FlaskClient) -> Document:
    """A stream that waits for its media, as its host sees it."""
    body = {"title": "Opening the kiln", "provider": "rtmp"}
    answer = as_ada.post("/api/live/start", json=body)
    assert answer.status_code == 201, answer.json
    return answer.json["data"]["livestream"]


@pytest.fixture
def nginx(client: FlaskClient, media: Settings) -> Call:
    """Call as nginx-rtmp does: ``nginx("publish", begun, client=12)``; ``key`` stands where the encoder has it."""

    def call(what: str, begun: Document, *, key: str | None = None, client_id: int = 12, secret: str = "") -> Any:
        form = {
            "app": "live", "flashver": "FMLE/3.0", "swfurl": "", "tcurl": "rtmp://media.example.com/live",
            "pageurl": "", "addr": "203.0.113.7", "clientid": client_id, "call": what, "name": begun["streamId"],
            "type": "live", "key": key_of(begun) if key is None else key,
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {secret or media.media_secret}"}
        return client.post(f"{PATH}/nginx", data=form, headers=headers)

    return call
