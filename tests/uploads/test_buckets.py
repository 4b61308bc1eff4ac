"""Files in a bucket: as in the database, but that clients are sent there; spoken to by the real client library."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from gcp_storage_emulator.server import create_server
from google.oauth2 import service_account

from mixillo.blueprints.uploads.services import films, sweeping
from mixillo.blueprints.uploads.services.storage import GridStorage, Storage, bucket
from mixillo.blueprints.uploads.services.storage.bucket import BucketStorage
from mixillo.config import ConfigError
from mixillo.errors import ServiceUnavailable
from tests.factories.uploads import append, begin, photograph, send

SOUND = b"ID3\x04\x00\x00\x00\x00\x00\x00"


def credentials() -> service_account.Credentials:
    """Return credentials of nobody that can sign."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    info = {
        "client_email": "a@b.iam",
        "private_key": pem,
        "token_uri": "http://127.0.0.1:1/",
        "type": "service_account",
    }
    made: service_account.Credentials = service_account.Credentials.from_service_account_info(info)
    return made


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """The address of an emulator of the service."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="files")
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def place(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketStorage]:
    """An empty bucket, in small pieces, with credentials that can sign."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "test")
    monkeypatch.setattr(bucket, "PIECE_BYTES", 1_000)
    monkeypatch.setattr(bucket.BucketStorage, "piece_bytes", 1_000)
    storage = BucketStorage("gs://files/media")
    yield storage
    requests.get(f"{emulator}/wipe?keep-buckets=true", timeout=10)


@pytest.fixture
def signing(place: BucketStorage, monkeypatch: pytest.MonkeyPatch) -> BucketStorage:
    signer = {"credentials": credentials()}
    monkeypatch.setattr(place, "_signer", lambda: signer)
    return place


@pytest.fixture
def kept_there(app: Flask, place: BucketStorage, monkeypatch: pytest.MonkeyPatch) -> BucketStorage:
    """The application keeps its files in the bucket."""
    monkeypatch.setitem(app.extensions, "media", place)
    return place


@pytest.fixture(params=["gridfs", "gs"])
def storage(request: pytest.FixtureRequest, app: Flask) -> Storage:
    """Each of the places in turn."""
    if request.param == "gridfs":
        return GridStorage()
    found: Storage = request.getfixturevalue("place")
    return found


def test_both_places_keep_what_they_are_given(storage: Storage) -> None:
    key, step = "k" * 22, storage.piece_bytes
    whole = bytes(range(256)) * ((step * 3) // 256) + b"end"
    for number in range(-(-len(whole) // step)):
        storage.put_piece(key, number, b"before")
        storage.put_piece(key, number, whole[number * step : (number + 1) * step])
    assert (storage.find(key), storage.piece(key, 1), storage.piece(key, 99)) == (None, whole[step : 2 * step], b"")
    for _ in range(2):
        storage.finish(key, len(whole), "audio/mpeg")
    found = storage.find(key)
    assert found
    assert (found.size, found.content_type) == (len(whole), "audio/mpeg")
    for start, end in ((0, len(whole)), (step - 1, step + 1), (len(whole) - 2, len(whole)), (5, 6)):
        assert b"".join(storage.read(key, start, end)) == whole[start:end]
    storage.put_piece("a" * 22, 0, b"unfinished")
    assert storage.keys("", 10) == ["a" * 22, key]
    assert (storage.keys("a" * 22, 10), storage.keys("", 1)) == ([key], ["a" * 22])
    for each in (key, "a" * 22, "nothing"):
        storage.delete(each)
    assert (storage.find(key), storage.keys("", 10)) == (None, [])


def test_many_pieces_are_composed_in_rounds(place: BucketStorage) -> None:
    for number in range(70):
        place.put_piece("k" * 22, number, bytes([number]) * 10)
    place.finish("k" * 22, 700, "video/mp4")
    assert b"".join(place.read("k" * 22, 0, 700)) == b"".join(bytes([number]) * 10 for number in range(70))
    assert place.keys("", 10) == ["k" * 22]


def test_pictures_and_pieces_go_to_the_bucket(
    app: Flask, client: FlaskClient, as_ada: FlaskClient, kept_there: BucketStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "is_installed", lambda: False)
    upload = send(as_ada, photograph()).json["data"]["upload"]
    assert client.get(upload["url"][upload["url"].index("/api/") :]).status_code == 200
    sent = SOUND + bytes(range(256)) * 20
    path = begin(as_ada, len(sent)).headers["Location"]
    append(as_ada, path, 0, sent[:1_500])
    assert append(as_ada, path, 1_500, sent[1_500:]).status_code == 204
    url = as_ada.get(path).json["data"]["upload"]["url"]
    shown = client.get(url[url.index("/api/") :], headers={"Range": "bytes=999-2001"})
    assert (shown.status_code, shown.data) == (206, sent[999:2_002])
    with app.app_context():
        assert sweeping.sweep_strays() == 0


def test_clients_are_sent_to_the_bucket_where_it_can_sign(
    client: FlaskClient, as_ada: FlaskClient, kept_there: BucketStorage, signing: BucketStorage
) -> None:
    sent = photograph((500, 400))
    body = {"filename": "a.jpg", "contentType": "image/jpeg", "fileSize": len(sent)}
    asked = as_ada.post("/api/uploads/presigned-url", json=body).json["data"]
    assert asked["headers"] == {"Content-Type": "image/jpeg", "x-goog-content-length-range": f"1,{len(sent)}"}
    assert "X-Goog-Signature=" in asked["uploadUrl"]
    assert as_ada.post("/api/uploads/complete", json={"sessionId": asked["sessionId"]}).status_code == 409
    assert requests.put(asked["uploadUrl"], data=sent, headers=asked["headers"], timeout=10).status_code == 200
    answer = as_ada.post("/api/uploads/complete", json={"sessionId": asked["sessionId"]})
    upload = answer.json["data"]["upload"]
    assert (answer.status_code, upload["width"]) == (200, 500)
    shown = client.get(upload["url"][upload["url"].index("/api/") :])
    assert (shown.status_code, "X-Goog-Signature=" in shown.headers["Location"]) == (302, True)
    assert requests.get(shown.headers["Location"], timeout=10).content.startswith(b"\xff\xd8\xff")


def test_what_is_sent_to_the_address_later_changes_nothing(
    client: FlaskClient, as_ada: FlaskClient, kept_there: BucketStorage, signing: BucketStorage
) -> None:
    body = {"filename": "a.jpg", "contentType": "image/jpeg"}
    asked = as_ada.post("/api/uploads/presigned-url", json=body).json["data"]
    requests.put(asked["uploadUrl"], data=photograph(), headers=asked["headers"], timeout=10)
    answer = as_ada.post("/api/uploads/complete", json={"sessionId": asked["sessionId"]})
    requests.put(asked["uploadUrl"], data=b"<script>", headers=asked["headers"], timeout=10)
    url = answer.json["data"]["upload"]["url"]
    shown = requests.get(client.get(url[url.index("/api/") :]).headers["Location"], timeout=10)
    assert shown.content.startswith(b"\xff\xd8\xff")


def test_more_than_was_announced_is_not_taken_over(
    as_ada: FlaskClient, kept_there: BucketStorage, signing: BucketStorage
) -> None:
    body = {"filename": "a.jpg", "contentType": "image/jpeg", "fileSize": 100}
    asked = as_ada.post("/api/uploads/presigned-url", json=body).json["data"]
    requests.put(asked["uploadUrl"], data=photograph(), headers=asked["headers"], timeout=10)
    assert as_ada.post("/api/uploads/complete", json={"sessionId": asked["sessionId"]}).status_code == 413


def test_a_bucket_that_does_not_answer_is_a_503(
    place: BucketStorage, as_ada: FlaskClient, app: Flask, monkeypatch: Any
) -> None:
    lost = BucketStorage("gs://nowhere/x")
    with pytest.raises(ServiceUnavailable):
        lost.put_piece("k" * 22, 0, b"x")
    monkeypatch.setitem(app.extensions, "media", lost)
    assert send(as_ada, photograph()).status_code == 503


def test_a_bucket_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(bucket.importlib, "import_module", missing)
    with pytest.raises(ConfigError, match="extra gcs"):
        BucketStorage("gs://files/media")
