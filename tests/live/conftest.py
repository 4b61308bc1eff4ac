"""Ada who is on the air, Bob who watches, an administrator; a real server and its sockets."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.gifts.models import GiftTransaction
from mixillo.blueprints.live.models import LiveMessage, LiveParticipant
from mixillo.blueprints.live.services import watching
from mixillo.blueprints.live.services.tally import tally
from mixillo.config import Settings
from tests.factories.live import make_stream

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
