"""Files on their way out: whole, by parts, and not twice."""

from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.uploads.services import films
from mixillo.blueprints.uploads.services.storage import gridfs
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core.ratelimits import Rate
from mixillo.ops.datasets.demo.uploads import PICTURES, uploads
from mixillo.ops.datasets.demo.world import World
from tests.factories.auth import client_of
from tests.factories.uploads import fetched, opened, photograph, send
from tests.factories.users import make_user

SENT = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(range(256)) * 5_000


@pytest.fixture
def url(as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a sound of several pieces."""
    monkeypatch.setattr(films, "is_installed", lambda: False)
    assert len(SENT) > 2 * gridfs.PIECE_BYTES
    return str(send(as_ada, SENT, "a.mp3").json["data"]["url"])


def test_a_file_may_be_kept_for_ever_and_is_not_sent_twice(client: FlaskClient, url: str) -> None:
    answer = fetched(client, url)
    assert (answer.status_code, answer.data) == (200, SENT)
    assert (answer.headers["Content-Type"], answer.headers["Content-Length"]) == ("audio/mpeg", str(len(SENT)))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = fetched(client, url, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    assert fetched(client, url, **{"If-None-Match": '"other"'}).status_code == 200
    head = client.head(url[url.index("/api/") :])
    assert (head.status_code, head.headers["Content-Length"], head.data) == (200, str(len(SENT)), b"")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1), ("bytes=10-", 10, len(SENT)), ("bytes=-7", len(SENT) - 7, len(SENT)),
        ("bytes=524280-524300", 524_280, 524_301), ("bytes=5-99999999", 5, len(SENT)),
        ("bytes=524288-1048575", 524_288, 1_048_576),
    ],
)  # fmt: skip
def test_a_part_is_exactly_what_was_asked_for(client: FlaskClient, url: str, asked: str, start: int, end: int) -> None:
    answer = fetched(client, url, Range=asked)
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, f"bytes {start}-{end - 1}/{len(SENT)}")
    assert answer.data == SENT[start:end]
    assert answer.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=0-1,5-9", "pages=1-2", "bytes=abc", "bytes=9-1"])
def test_what_is_no_single_part_is_the_whole(client: FlaskClient, url: str, asked: str) -> None:
    answer = fetched(client, url, Range=asked)
    assert (answer.status_code, len(answer.data)) == (200, len(SENT))


def test_a_part_behind_the_end_is_refused_with_the_length(client: FlaskClient, url: str) -> None:
    answer = fetched(client, url, Range=f"bytes={len(SENT)}-")
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(SENT)}")


def test_a_part_of_another_file_is_the_whole(client: FlaskClient, url: str) -> None:
    etag = fetched(client, url).headers["ETag"]
    assert fetched(client, url, **{"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    for other in ('"other"', "Wed, 21 Oct 2015 07:28:00 GMT"):
        assert fetched(client, url, **{"Range": "bytes=0-9", "If-Range": other}).status_code == 200


def test_only_as_much_as_is_asked_for_is_read(client: FlaskClient, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    piece = gridfs.GridStorage.piece

    def counted(self: gridfs.GridStorage, key: str, number: int) -> bytes:
        read.append(number)
        return piece(self, key, number)

    monkeypatch.setattr(gridfs.GridStorage, "piece", counted)
    assert len(fetched(client, url, Range="bytes=1048576-1048585").data) == 10
    assert read == [2]


@pytest.mark.parametrize(
    "name", ["nothing", "..", "%2e%2e%2fetc%2fpasswd", "x" * 22 + ".jpg", "a" * 500, "%00.jpg", "$ne"]
)
def test_what_nobody_has_sent_is_not_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/api/media/{name}").status_code in (404, 400)


def test_what_is_not_finished_is_not_there(client: FlaskClient, as_ada: FlaskClient, app: Flask) -> None:
    with app.app_context():
        gridfs.GridStorage().put_piece("x" * 22, 0, b"data")
    assert client.get(f"/api/media/{'x' * 22}.bin").status_code == 404


def test_a_page_full_of_pictures_is_no_flood_and_guessing_is(
    app: Flask, settings: Settings, as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = send(as_ada, photograph()).json["data"]["url"]
    monkeypatch.setitem(app.config, "RATE_LIMIT", Rate("default", 3, 86_400))
    somebody = client_of(app)
    assert {fetched(somebody, url).status_code for _ in range(10)} == {200}
    assert [somebody.get("/api/media/guess.jpg").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_the_files_of_the_demo_can_be_looked_at(
    app: Flask, client: FlaskClient, db: Database, ops_db: Database
) -> None:
    people = {name: make_user(db, username=name) for name in PICTURES}
    for name, rows in uploads(World(clock.now(), 1), SimpleNamespace(named=people.__getitem__)):  # type: ignore[arg-type]
        (db if name in db.list_collection_names() else ops_db)[name].insert_many(rows)
    shown = client_of(app, people["una"]).get("/api/uploads").json["data"]["uploads"]
    assert sorted(each["status"] for each in shown) == ["completed"] * 3 + ["failed", "pending"]
    for each in [each for each in shown if each["url"]]:
        assert opened(fetched(client, each["url"]).data).size == (each["width"], each["height"])
        assert fetched(client, each["url"]).headers["Content-Length"] == str(each["fileSize"])
        assert opened(fetched(client, each["thumbnailUrl"]).data).width == 320
