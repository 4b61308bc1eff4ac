"""Where viewers get the media: signed addresses and tickets, only for those who may watch."""

from datetime import timedelta
from urllib.parse import urlsplit

import jwt
import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.live.queries import playback
from mixillo.config import ConfigError, Settings
from mixillo.core import clock
from tests.factories.live import make_stream
from tests.live.conftest import Document, code

PATH = "/api/live"


@pytest.fixture
def published(media: Settings, db: Database, ada: Document) -> Document:
    """A stream that our media server carries."""
    return make_stream(db, ada, provider="rtmp")


def seen(client: FlaskClient, stream: Document) -> Document:
    return client.get(f"{PATH}/{stream['_id']}").json["data"]["livestream"]


def test_who_may_watch_gets_an_address_that_is_signed_for_a_while(
    client: FlaskClient, as_bob: FlaskClient, published: Document, media: Settings
) -> None:
    for who in (client, as_bob):
        shown = seen(who, published)
        path = urlsplit(shown["hlsUrl"]).path.removeprefix("/hls/")
        signature, expires, name, playlist = path.split("/")
        assert (name, playlist) == (published["streamId"], "index.m3u8")
        assert playback.is_signed(media, name, expires, signature)
        assert shown["streamUrl"] == shown["hlsUrl"]
        ahead = int(expires) - clock.now().timestamp()
        assert 239 * 60 < ahead <= 240 * 60
        assert shown["hlsExpiresAt"].startswith(clock.timestamp(clock.now() + timedelta(seconds=ahead))[:16])


def test_a_signature_is_for_one_stream_and_one_time(media: Settings) -> None:
    until = int(clock.now().timestamp()) + 60
    right = playback.signature(media.media_secret, "stream_1", until)
    assert playback.is_signed(media, "stream_1", str(until), right)
    assert not playback.is_signed(media, "stream_2", str(until), right)
    assert not playback.is_signed(media, "stream_1", str(until + 1), right)
    assert not playback.is_signed(media, "stream_1", "9" * 20, right)
    assert not playback.is_signed(media, "stream_1", "", right)
    past = until - 61
    assert not playback.is_signed(
        media, "stream_1", str(past), playback.signature(media.media_secret, "stream_1", past)
    )


def test_who_may_not_watch_gets_none(
    client: FlaskClient, as_bob: FlaskClient, as_ada: FlaskClient, db: Database, bob: Document, published: Document
) -> None:
    this = {"_id": published["_id"]}
    listed = as_bob.get(PATH).json["data"]["livestreams"][0]
    assert (listed["hlsUrl"], listed["hlsExpiresAt"]) == (None, None)
    db["livestreams"].update_one(this, {"$set": {"bannedUsers": [{"userId": bob["_id"]}]}})
    assert seen(as_bob, published)["hlsUrl"] is None
    db["livestreams"].update_one(this, {"$set": {"bannedUsers": [], "isPrivate": True}})
    assert as_bob.get(f"{PATH}/{published['_id']}").status_code == 404
    db["livestreams"].update_one(this, {"$set": {"allowedUsers": [bob["_id"]]}})
    assert seen(as_bob, published)["hlsUrl"]
    assert client.get(f"{PATH}/{published['_id']}").status_code == 404
    db["livestreams"].update_one(this, {"$set": {"status": "ended", "endedAt": clock.now()}})
    assert seen(as_ada, published)["hlsUrl"] is None


def ticket(settings: Settings, token: str) -> Document:
    return jwt.decode(token, settings.livekit_api_secret, algorithms=["HS256"], issuer=settings.livekit_api_key)


def test_livekit_lets_the_host_publish_and_all_others_only_watch(
    as_ada: FlaskClient, as_bob: FlaskClient, as_admin: FlaskClient, media: Settings, ada: Document, bob: Document
) -> None:
    begun = as_ada.post(f"{PATH}/start", json={"title": "Opening the kiln", "provider": "livekit"}).json["data"]
    assert begun["config"]["serverUrl"] == "wss://livekit.example.com"
    path = f"{PATH}/{begun['livestream']['_id']}"
    host = ticket(media, begun["token"])
    assert (host["sub"], host["video"]["room"]) == (str(ada["_id"]), begun["channelId"])
    assert host["video"]["canPublish"] is True
    assert ticket(media, as_ada.post(f"{path}/token").json["data"]["token"])["video"]["canPublish"] is True
    joined = as_bob.post(f"{path}/join", json={"role": "host"}).json["data"]
    assert joined["serverUrl"] == "wss://livekit.example.com"
    for token in (joined["token"], *(who.post(f"{path}/token").json["data"]["token"] for who in (as_bob, as_admin))):
        grants = ticket(media, token)["video"]
        assert grants == {
            "roomJoin": True, "room": begun["channelId"], "canPublish": False, "canPublishData": False,
            "canSubscribe": True,
        }  # fmt: skip
    viewer = ticket(media, joined["token"])
    assert viewer["sub"] == str(bob["_id"])
    assert viewer["exp"] - clock.now().timestamp() <= 10 * 60


def test_who_is_not_welcome_gets_no_ticket(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, bob: Document, media: Settings
) -> None:
    begun = as_ada.post(f"{PATH}/start", json={"title": "Opening the kiln", "provider": "livekit"}).json["data"]
    this = {"_id": ObjectId(begun["livestream"]["_id"])}
    db["livestreams"].update_one(this, {"$set": {"bannedUsers": [{"userId": bob["_id"]}]}})
    assert code(as_bob.post(f"{PATH}/{this['_id']}/token")) == "live_banned"
    db["livestreams"].update_one(this, {"$set": {"status": "ended"}})
    assert code(as_ada.post(f"{PATH}/{this['_id']}/token")) == "live_not_on_air"


def test_without_its_secret_livekit_carries_nothing(
    as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ada: Document
) -> None:
    answer = as_ada.post(f"{PATH}/start", json={"title": "Opening the kiln", "provider": "livekit"})
    assert (answer.status_code, code(answer)) == (409, "live_provider_not_configured")
    older = make_stream(db, ada, provider="livekit")
    for path in ("join", "token"):
        assert code(as_bob.post(f"{PATH}/{older['_id']}/{path}", json={})) == "live_provider_not_configured"


def test_livekit_is_configured_whole_or_not_at_all() -> None:
    with pytest.raises(ConfigError, match="must be set together"):
        Settings.from_env({"LIVEKIT_URL": "wss://livekit.example.com", "LIVEKIT_API_KEY": "APIkey"})


def test_providers_that_want_nothing_of_us_get_no_ticket(as_bob: FlaskClient, stream: Document) -> None:
    data = as_bob.post(f"{PATH}/{stream['_id']}/token").json["data"]
    assert data == {"provider": "webrtc", "token": None, "serverUrl": None}
