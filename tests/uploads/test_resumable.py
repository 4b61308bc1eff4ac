"""tus 1.0.0: files in pieces, whatever happens in between."""

import io
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.uploads.services import films, finishing, pictures, receiving
from mixillo.blueprints.uploads.services.errors import TooLarge
from mixillo.blueprints.uploads.services.storage import gridfs
from mixillo.blueprints.uploads.services.writing import writing
from mixillo.core import clock
from tests.factories.uploads import append, begin, box, fetched, photograph, picture

PIECE = gridfs.PIECE_BYTES
# What a player needs to know, as far as we look without ffmpeg.
SOUND = b"ID3\x04\x00\x00\x00\x00\x00\x00"


class Cut(BaseException):
    """What happens to a worker that is killed: nothing after it runs."""


@pytest.fixture
def without_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "is_installed", lambda: False)


def place_of(answer: Any) -> str:
    assert answer.status_code == 201, answer.json
    return str(answer.headers["Location"])


def test_a_file_arrives_in_pieces_of_any_size_and_is_served_as_it_was(
    client: FlaskClient, as_ada: FlaskClient, without_ffmpeg: None
) -> None:
    sent = SOUND + bytes(range(256)) * 6_000
    path = place_of(begin(as_ada, len(sent), **{"Upload-Metadata": "filename c29uZy5tcDM=,filetype YXVkaW8vbXBlZw=="}))
    offset = 0
    for size in (7, PIECE - 7, PIECE + 1, 3, len(sent)):
        answer = append(as_ada, path, offset, sent[offset : offset + size])
        offset = min(offset + size, len(sent))
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(offset))
        assert as_ada.head(path).headers["Upload-Offset"] == str(offset)
    upload = as_ada.get(path).json["data"]["upload"]
    assert (upload["status"], upload["filename"], upload["contentType"]) == ("completed", "song.mp3", "audio/mpeg")
    assert fetched(client, upload["url"]).data == sent
    assert upload["url"].endswith(".mp3")


def test_a_picture_may_come_in_pieces_too(client: FlaskClient, as_ada: FlaskClient) -> None:
    sent = photograph((900, 600))
    path = place_of(begin(as_ada, len(sent)))
    append(as_ada, path, 0, sent[:1_000])
    append(as_ada, path, 1_000, sent[1_000:])
    upload = as_ada.get(path).json["data"]["upload"]
    assert (upload["status"], upload["width"]) == ("completed", 900)
    assert not [key for key in (upload["url"],) if fetched(client, key).status_code != 200]


def test_what_has_arrived_before_the_line_broke_is_kept_to_the_byte(
    app: Flask, as_ada: FlaskClient, without_ffmpeg: None
) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            if self.tell() >= PIECE + 100:
                raise OSError("gone")
            return super().read(min(size, 50_000))

    sent = SOUND + b"x" * (2 * PIECE)
    path = place_of(begin(as_ada, len(sent)))
    with app.app_context(), pytest.raises(OSError, match="gone"), writing(ObjectId(path[-24:])) as upload:
        receiving.receive(upload, Breaking(sent), offset=0, most=len(sent))
    stored = int(as_ada.head(path).headers["Upload-Offset"])
    assert stored >= PIECE + 100
    assert append(as_ada, path, stored, sent[stored:]).status_code == 204
    assert as_ada.get(path).json["data"]["upload"]["status"] == "completed"


def test_bytes_at_another_place_are_refused_with_the_right_one(as_ada: FlaskClient) -> None:
    path = place_of(begin(as_ada, 1_000))
    append(as_ada, path, 0, SOUND + b"x" * 90)
    for offset in (0, 99, 101):
        answer = append(as_ada, path, offset, b"y")
        assert (answer.status_code, answer.json["code"], answer.headers["Upload-Offset"]) == (
            409, "upload_offset_mismatch", "100",
        )  # fmt: skip


def test_two_do_not_write_at_once_and_a_dead_one_is_waited_for(
    app: Flask, as_ada: FlaskClient, db: Database, without_ffmpeg: None
) -> None:
    path = place_of(begin(as_ada, 100))
    with app.app_context(), writing(ObjectId(path[-24:])):
        answer = append(as_ada, path, 0, SOUND + b"x" * 90)
        assert (answer.status_code, answer.json["code"]) == (423, "upload_busy")
    db["uploadsessions"].update_one({}, {"$set": {"lease": clock.now()}})
    assert append(as_ada, path, 0, SOUND + b"x" * 90).status_code == 204


def test_who_has_lost_the_right_to_write_writes_no_more(app: Flask, as_ada: FlaskClient, db: Database) -> None:
    path = place_of(begin(as_ada, 100))
    with app.app_context(), writing(ObjectId(path[-24:])) as first:
        db["uploadsessions"].update_one({}, {"$set": {"lease": clock.now() + finishing.LOOKING}})
        with pytest.raises(Exception, match="being written to"):
            receiving.receive(first, io.BytesIO(SOUND + b"x" * 90), offset=0, most=100)
    assert as_ada.head(path).headers["Upload-Offset"] == "0"


def test_a_file_is_no_longer_than_it_was_said_to_be(app: Flask, as_ada: FlaskClient) -> None:
    path = place_of(begin(as_ada, 100))
    assert append(as_ada, path, 0, SOUND + b"x" * 500).status_code == 413
    # A body without a length shows only in the end how long it is.
    with app.app_context(), pytest.raises(TooLarge), writing(ObjectId(path[-24:])) as upload:
        receiving.receive(upload, io.BytesIO(SOUND + b"x" * 500), offset=0, most=100)
    assert int(as_ada.head(path).headers["Upload-Offset"]) == 100


def test_a_file_that_is_too_long_is_refused_before_it_comes(app: Flask, as_ada: FlaskClient) -> None:
    most = app.config["SETTINGS"].upload_max_mb * 1024 * 1024
    assert begin(as_ada, most + 1).status_code == 413
    assert begin(as_ada, most).status_code == 201


def test_what_is_no_such_file_is_refused_with_its_first_piece_and_gone(as_ada: FlaskClient, ops_db: Database) -> None:
    path = place_of(begin(as_ada, 10 * PIECE, **{"Upload-Metadata": "filetype dmlkZW8vbXA0"}))
    answer = append(as_ada, path, 0, b"MZ\x90\x00" + b"x" * PIECE)
    assert (answer.status_code, answer.json["code"]) == (415, "file_type_not_supported")
    assert (as_ada.head(path).status_code, append(as_ada, path, 0, b"x").status_code) == (410, 409)
    assert as_ada.get(f"/api/uploads/{path[-24:]}").json["data"]["upload"]["status"] == "failed"
    assert [ops_db[name].count_documents({}) for name in ("media.files", "media.chunks")] == [0, 0]


def test_what_cannot_be_read_is_refused_at_the_end_and_gone(as_ada: FlaskClient, ops_db: Database) -> None:
    sent = picture((300, 300))[:2_000]
    path = place_of(begin(as_ada, len(sent)))
    answer = append(as_ada, path, 0, sent)
    assert (answer.status_code, answer.json["code"]) == (400, "file_unreadable")
    assert ops_db["media.chunks"].count_documents({}) == 0


def test_a_worker_that_dies_while_it_looks_is_followed_by_another(
    app: Flask, as_ada: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_arguments: Any) -> None:
        raise Cut

    sent = photograph()
    path = place_of(begin(as_ada, len(sent)))
    with monkeypatch.context() as patched:
        patched.setattr(pictures, "clean", die)
        with pytest.raises(Cut):
            append(as_ada, path, 0, sent)
    with app.app_context():
        assert finishing.finish_forgotten() == 0
        later = clock.now() + 2 * finishing.LOOKING
        monkeypatch.setattr(clock, "now", lambda: later)
        assert finishing.finish_forgotten() == 1
        assert finishing.finish_forgotten() == 0
    assert as_ada.get(path).json["data"]["upload"]["status"] == "completed"


def test_other_peoples_uploads_are_not_there(as_ada: FlaskClient, as_bob: FlaskClient, client: FlaskClient) -> None:
    path = place_of(begin(as_ada, 100))
    assert [as_bob.head(path).status_code, append(as_bob, path, 0, SOUND).status_code] == [404, 404]
    assert (as_bob.delete(path).status_code, client.head(path).status_code) == (404, 401)
    assert as_ada.delete(path).status_code == 204
    assert as_ada.head(path).status_code == 404


def test_tus_is_spoken_as_it_is_written(as_ada: FlaskClient, client: FlaskClient) -> None:
    told = client.options("/api/uploads/resumable").headers
    assert (told["Tus-Resumable"], told["Tus-Version"]) == ("1.0.0", "1.0.0")
    assert told["Tus-Extension"] == "creation,termination,expiration"
    assert int(told["Tus-Max-Size"]) > 0
    answer = begin(as_ada, 100)
    assert (answer.headers["Tus-Resumable"], answer.headers["Upload-Expires"][-3:]) == ("1.0.0", "GMT")
    path = place_of(answer)
    assert begin(as_ada, 100, **{"Tus-Resumable": "0.2.0"}).status_code == 412
    assert as_ada.patch(path, data=b"x", headers={"Upload-Offset": "0"}).status_code == 415
    assert append(as_ada, path, 0, b"x", **{"Upload-Offset": "x"}).status_code == 400
    for described in ("filename %%%", "filename /w=="):
        assert begin(as_ada, 100, **{"Upload-Metadata": described}).status_code == 400
    for size in (0, -1):
        assert begin(as_ada, size).status_code == 400


def test_a_repeated_beginning_is_one_upload(as_ada: FlaskClient, db: Database) -> None:
    first, second = (begin(as_ada, 100, **{"Idempotency-Key": "a"}) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert db["uploadsessions"].count_documents({}) == 1


def test_nobody_sends_more_than_a_days_worth(app: Flask, as_ada: FlaskClient) -> None:
    settings = app.config["SETTINGS"]
    for _ in range(settings.upload_daily_mb // settings.upload_max_mb):
        assert begin(as_ada, settings.upload_max_mb * 1024 * 1024).status_code == 201
    assert begin(as_ada, 1).status_code == 429


def test_boxes_that_tell_of_places_are_blanked(client: FlaskClient, as_ada: FlaskClient, without_ffmpeg: None) -> None:
    place = box(b"\xa9xyz", b"+52.5200+013.4050/")
    track = box(b"trak", box(b"tkhd", b"t" * 80) + box(b"meta", b"+52.52" * 20))
    movie = box(b"moov", box(b"mvhd", b"m" * 100) + box(b"udta", place) + track)
    head, data = box(b"ftyp", b"isom\x00\x00\x02\x00mp41"), box(b"mdat", bytes(range(256)) * 5_000)
    sent = head + data + movie + box(b"uuid", b"+52.52" * 20)
    path = place_of(begin(as_ada, len(sent)))
    assert append(as_ada, path, 0, sent).status_code == 204
    kept = fetched(client, as_ada.get(path).json["data"]["upload"]["url"]).data
    assert (len(kept), b"+52.5" in kept, b"udta" in kept) == (len(sent), False, False)
    assert kept[: len(head + data)] == head + data
    assert b"m" * 100 in kept
    assert b"t" * 80 in kept


@pytest.mark.parametrize(
    "rest",
    [
        b"", box(b"mdat", b"x" * 100), box(b"moov") + b"PK\x03\x04" + b"x" * 100, box(b"moov") + box(b"free") * 30_000,
        b"\xff\xff\xff\xffmoov", b"\x00\x00\x00\x01moov\xff\xff\xff\xff\xff\xff\xff\xff", b"\x00\x00\x00\x04moov",
        box(b"moov", b"\xff\xff\xff\xfftrak"),
    ],
    ids=["nothing", "no film", "a zip behind it", "boxes", "too long", "far too long", "too short", "inside"],
)  # fmt: skip
def test_what_is_not_all_boxes_is_no_video(as_ada: FlaskClient, rest: bytes, without_ffmpeg: None) -> None:
    sent = box(b"ftyp", b"isom\x00\x00\x02\x00mp41" + b"x" * 80) + rest
    path = place_of(begin(as_ada, len(sent)))
    answer = append(as_ada, path, 0, sent)
    assert (answer.status_code, answer.json["code"]) == (400, "file_unreadable")
