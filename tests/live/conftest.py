"""Ada who is on the air, Bob who watches, an administrator; a real server and its sockets."""

from collections.abc import Callable, Iterator
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
from mixillo.core.kept import Keeper
from tests.factories.auth import client_of, make_session
from tests.factories.live import make_stream
from tests.factories.users import make_user
from tests.sockets import Socket, serving

Document = dict[str, Any]
Connect = Callable[..., Socket]


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> Iterator[None]:
    """What the test before has counted is forgotten; what tests store themselves goes to collections with indexes."""
    for model in (LiveMessage, LiveParticipant, GiftTransaction):
        model.ensure_collection()
    app.extensions["kept"] = Keeper()
    watching.forget()
    yield
    tally.write()


@pytest.fixture
def ada(db: Database) -> Document:
    return make_user(db, username="ada")


@pytest.fixture
def bob(db: Database) -> Document:
    return make_user(db, username="bob")


@pytest.fixture
def stream(db: Database, ada: Document) -> Document:
    return make_stream(db, ada)


@pytest.fixture
def as_ada(app: Flask, ada: Document) -> FlaskClient:
    return client_of(app, ada)


@pytest.fixture
def as_bob(app: Flask, bob: Document) -> FlaskClient:
    return client_of(app, bob)


@pytest.fixture
def as_admin(app: Flask, db: Database) -> FlaskClient:
    return client_of(app, make_user(db, username="boss", role="admin"))


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


@pytest.fixture(scope="module")
def url(migrated_app: Flask, settings: Settings) -> Iterator[str]:
    """One server for all tests of a module; sockets belong to the application made last."""
    with serving(settings) as address:
        yield address


@pytest.fixture
def connect(app: Flask, url: str) -> Iterator[Connect]:
    """Open a socket of a user, who saw so much of each room: ``connect(ada, {room: number})``."""
    opened: list[Socket] = []

    def open_one(user: Document, offsets: Any = None) -> Socket:
        auth = {"token": make_session(app, user)[1]["token"]} | ({"offsets": offsets} if offsets is not None else {})
        opened.append(Socket(url, auth))
        assert opened[-1].is_open
        return opened[-1]

    yield open_one
    for socket in opened:
        socket.close()


def code(answer: Any) -> str:
    """Return the code of a refusal, over a socket or HTTP."""
    if isinstance(answer, dict):
        assert answer["ok"] is False, answer
        return str(answer["error"]["code"])
    assert answer.status_code >= 400, answer.json
    return str(answer.json["code"])
