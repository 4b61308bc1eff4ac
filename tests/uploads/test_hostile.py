"""Sixty files that mean harm: none is stored as what it is not, none takes the memory of others."""

import gzip
import io
import resource
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.uploads.queries import addresses
from mixillo.blueprints.uploads.services import films, kinds
from tests.factories.uploads import CAMERA, box, fetched, opened, photograph, picture, send

MEGABYTE = 1024 * 1024
SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
NAMES = (
    "../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a.jpg\0.php", "a.php", "con",
    "a" * 5_000 + ".jpg", "<img src=x onerror=alert(1)>.jpg", "a.jpg; rm -rf /", "%2e%2e%2f%2e%2e%2fx",
    "\u202egpj.exe", ".",
)  # fmt: skip


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    """Return a PNG that says it has so many pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def of_pixels(width: int, height: int) -> bytes:
    """Return a whole PNG of one colour, which packs a thousandfold."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png(width, height, depth=1, colour=0, data=data)


def gif(width: int, height: int, frames: int) -> bytes:
    """Return a GIF that unpacks to much."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    return head + frame * frames + b"\x3b"


def jpeg_of(width: int, height: int) -> bytes:
    """Return a JPEG whose header lies about its size."""
    sent = bytearray(picture((64, 64)))
    at = sent.index(b"\xff\xc0") + 5
    sent[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(sent)


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def bomb() -> bytes:
    """Return a gzip file of a thousand times its size."""
    return gzip.compress(bytes(50 * MEGABYTE))


def mp4(*boxes: bytes) -> bytes:
    return box(b"ftyp", b"isom\x00\x00\x02\x00mp41") + b"".join(boxes)


REFUSED: dict[str, Any] = {
    # What is nothing that is taken, whatever it is called.
    "svg": SVG, "svg with a prologue": b'<?xml version="1.0"?>' + SVG, "html": b"<!doctype html>" + SCRIPT,
    "script": SCRIPT,
    "elf": b"\x7fELF\x02\x01\x01" + bytes(200), "exe": b"MZ\x90\x00" + bytes(200), "shell": b"#!/bin/sh\nid\n",
    "php": b"<?php system($_GET[0]);", "pdf": b"%PDF-1.7\n" + bytes(200),
    "postscript": b"%!PS-Adobe-3.0 EPSF\n(%pipe%id)",
    "zip": zipped(a=b"x"), "zip slip": zipped(**{"../../etc/cron.d/x": b"* * * * * root id"}), "gzip bomb": bomb,
    "tiff": b"II*\x00" + bytes(200), "bmp": b"BM" + bytes(200), "icon": b"\x00\x00\x01\x00" + bytes(200),
    "photoshop": b"8BPS" + bytes(200), "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat script": b"ffconcat version 1.0\nfile /etc/passwd\n", "avi": b"RIFF\x00\x00\x00\x00AVI " + bytes(200),
    "matroska": b"\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska" + bytes(200),
    "heic": box(b"ftyp", b"heic" + bytes(20)),
    "text": b"hello", "one byte": b"\xff", "zeros": bytes(1_000), "flash": b"CWS\x0a" + bytes(100),
    # What only begins like something.
    "jpeg magic": b"\xff\xd8\xff\xe0" + SCRIPT, "png magic": b"\x89PNG\r\n\x1a\n" + SCRIPT,
    "gif magic": b"GIF89a" + SCRIPT,
    "webp magic": b"RIFF\x20\x00\x00\x00WEBP" + SCRIPT, "avif magic": box(b"ftyp", b"avif" + bytes(20)) + SCRIPT,
    "mp4 magic": box(b"ftyp", b"isom" + bytes(20)) + SCRIPT, "webm magic": b"\x1aE\xdf\xa3\x9fB\x82\x84webm" + SCRIPT,
    "mp3 magic": b"ID3\x04\x00\x00" + SCRIPT, "quicktime magic": box(b"ftyp", b"qt  " + bytes(20)) + box(b"moov"),
    "half a jpeg": lambda: picture((500, 500))[:3_000], "half a png": lambda: picture((300, 300), "PNG")[:-300],
    "png without pixels": png(10, 10), "png of nothing": png(0, 0, data=zlib.compress(b"")),
    "mp4 and zip": lambda: mp4(box(b"moov", bytes(100))) + zipped(a=b"x"),
    "mp4 of boxes": lambda: mp4(box(b"free") * 30_000),
    "mp4 that names files": mp4(box(b"moov", box(b"trak", box(b"dref", b"\x00url file:///etc/passwd")))),
    # What would take the memory of everybody.
    "400 megapixels": lambda: of_pixels(20_000, 20_000), "400 megapixels, it says": png(20_000, 20_000),
    "4 gigapixels, it says": png(65_535, 65_535), "2^31 wide": png(2**31 - 1, 1),
    "jpeg of 4 gigapixels": jpeg_of(65_500, 65_500),
    "gif of 4 gigapixels": gif(65_535, 65_535, 1),
    "webp of 268 megapixels": b"RIFF\x20\x00\x00\x00WEBPVP8L\x14\x00\x00\x00\x2f"
    + b"\xff" * 20,
}  # fmt: skip
NEEDS_FFMPEG = ("mp4 that names files", "webm magic", "mp3 magic", "quicktime magic")
CLEANED: dict[str, Any] = {
    "jpeg and zip": lambda: photograph() + zipped(a=SCRIPT), "jpeg and html": lambda: photograph() + SCRIPT,
    "png and php": lambda: picture((40, 40), "PNG") + b"<?php system($_GET[0]);",
    "gif and javascript": lambda: picture((40, 40), "GIF") + b"=1;" + SCRIPT,
    "script in a comment": lambda: picture((40, 40), comment=SCRIPT), "script in exif": lambda: photograph(),
    "png with text": lambda: png_with(chunk(b"tEXt", b"Comment\0" + SCRIPT)),
    "png with a packed bomb of text": lambda: png_with(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(60 * MEGABYTE)))),
    "png with a bad profile": lambda: png_with(chunk(b"iCCP", b"a\0\0" + zlib.compress(SCRIPT))),
    "gif of 10,000 frames": lambda: gif(1_000, 1_000, 10_000),
    "transparent": lambda: picture((40, 40), "PNG", "RGBA") + SCRIPT,
}  # fmt: skip


def png_with(extra: bytes) -> bytes:
    whole = picture((40, 40), "PNG")
    return whole[:33] + extra + whole[33:]


def rss() -> float:
    """Return the resident memory of this process, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / MEGABYTE


def made(file: Any) -> bytes:
    return bytes(file() if callable(file) else file)


def test_what_is_taken_is_told_by_its_first_bytes() -> None:
    names = list(REFUSED)
    unknown = names[: names.index("flash") + 1]
    assert {name: kinds.kind_of(made(REFUSED[name])) for name in unknown} == dict.fromkeys(unknown)
    assert kinds.kind_of(photograph()) is kinds.JPEG


def test_there_are_sixty() -> None:
    assert len(REFUSED) + len(CLEANED) >= 60


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_what_it_seems_is_not_stored(
    as_ada: FlaskClient, db: Database, ops_db: Database, name: str
) -> None:
    if name in NEEDS_FFMPEG and not films.is_installed():
        pytest.skip("ffmpeg is not installed: nobody looks into videos")
    sent = made(REFUSED[name])
    before = rss()
    answer = send(as_ada, sent, f"{name}.jpg")
    assert rss() - before <= 64
    assert answer.status_code in (400, 415), answer.json
    assert answer.json["code"] in ("file_type_not_supported", "file_unreadable", "validation_failed")
    assert [ops_db[each].count_documents({}) for each in ("media.files", "media.chunks")] == [0, 0]
    assert db["uploadsessions"].count_documents({"status": "failed"}) == db["uploadsessions"].count_documents({})


@pytest.mark.parametrize("name", CLEANED)
def test_what_hides_behind_pixels_is_not_stored(
    client: FlaskClient, as_ada: FlaskClient, ops_db: Database, name: str
) -> None:
    sent = made(CLEANED[name])
    before = rss()
    answer = send(as_ada, sent)
    assert rss() - before <= 64
    if answer.status_code != 201:
        assert answer.json["code"] == "file_unreadable"
        return
    stored = b"".join(bytes(each["data"]) for each in ops_db["media.chunks"].find())
    for trace in (b"<script", b"<?php", b"PK\x03\x04", CAMERA.encode()):
        assert trace not in stored
    for each in answer.json["data"]["upload"]["variants"]:
        shown = fetched(client, each["url"])
        assert shown.headers["Content-Type"] in ("image/jpeg", "image/webp")
        assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert opened(shown.data).size == (each["width"], each["height"])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_something_to_read(as_ada: FlaskClient, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "is_installed", lambda: False)
    answer = send(as_ada, b"ID3\x04" + bytes(100), name)
    assert answer.status_code == 201, answer.json
    upload = answer.json["data"]["upload"]
    assert len(upload["filename"]) <= 255
    assert upload["filename"].isprintable()
    assert addresses.ADDRESS.search(upload["url"])


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.extension)
def test_every_type_that_is_taken_may_be_announced(as_ada: FlaskClient, kind: kinds.Kind) -> None:
    body = {"filename": "x", "contentType": kind.content_type}
    assert as_ada.post("/api/uploads/presigned-url", json=body).status_code == 201


def test_a_form_that_is_too_large_is_refused_by_its_length(as_ada: FlaskClient, app: Any) -> None:
    most = app.config["SETTINGS"].upload_direct_mb * MEGABYTE
    answer = as_ada.post(
        "/api/uploads/direct", data=b"x", content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(most * 2)},
    )  # fmt: skip
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "form",
    [
        {}, {"other": "x"}, {"file": "text"}, {"other": (io.BytesIO(b"x"), "a.jpg")},
        {"file": (io.BytesIO(b""), "a.jpg")},
        {"file": [(io.BytesIO(b"x"), "a.jpg"), (io.BytesIO(b"y"), "b.jpg")]},
    ],
    ids=["nothing", "another field", "text", "another file", "empty", "two"],
)  # fmt: skip
def test_a_form_without_one_file_is_a_400(as_ada: FlaskClient, form: dict[str, Any]) -> None:
    answer = as_ada.post("/api/uploads/direct", data=form, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "file")


def test_other_bodies_are_no_forms(as_ada: FlaskClient, client: FlaskClient) -> None:
    assert as_ada.post("/api/uploads/direct", json={"file": "x"}).status_code == 400
    assert as_ada.post("/api/uploads/direct", data=b"x", content_type="multipart/form-data").status_code == 400
    assert client.post("/api/uploads/direct").status_code == 401
    assert as_ada.get(f"/api/uploads/{ObjectId()}").status_code == 404
