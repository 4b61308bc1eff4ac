"""Files to send: pictures and videos made here, and what clients do to send them."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

CAMERA, PLACE = "Mixillo Camera", (52.0, 31.0, 12.0)
GPS, MAKE = 0x8825, 0x010F


def picture(size: tuple[int, int] = (400, 300), reader: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture of a gradient, so that it does not shrink to nothing."""
    image = Image.linear_gradient("L").resize(size)
    if mode == "RGBA":
        shade, image = image, image.convert(mode)
        image.putalpha(shade)
    image = image.convert(mode)
    out = io.BytesIO()
    image.save(out, reader, **options)
    return out.getvalue()


def photograph(size: tuple[int, int] = (400, 300), orientation: int = 1) -> bytes:
    """Return a JPEG as telephones make them: with camera, place and orientation."""
    exif = Image.Exif()
    exif[MAKE], exif[0x0112] = CAMERA, orientation
    exif.get_ifd(GPS).update({1: "N", 2: PLACE, 3: "E", 4: PLACE})
    return picture(size, exif=exif.tobytes(), comment=CAMERA.encode(), xmp=f"<x>{CAMERA}</x>".encode())


def opened(data: bytes) -> Image.Image:
    """Return the picture in ``data``, read."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def video(directory: Path, *, extension: str = "mp4", seconds: float = 1, size: str = "320x180") -> bytes:
    """Return a video as a telephone makes it, with the place in it."""
    path = directory / f"made.{extension}"
    source, codec = f"testsrc=size={size}:rate=10", ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    if extension == "webm":
        codec = ["-c:v", "libvpx", "-b:v", "200k"]
    if extension == "m4a":
        source, codec = "sine=frequency=440", ["-c:a", "aac"]
    subprocess.run(
        [
            str(shutil.which("ffmpeg")), "-v", "error", "-y", "-f", "lavfi", "-i", source, "-t",
            str(seconds), *codec, "-metadata", "location=+52.5200+013.4050/", "-metadata", f"title={CAMERA}", str(path),
        ],
        check=True,
    )  # fmt: skip
    return path.read_bytes()


def box(kind: bytes, inside: bytes = b"") -> bytes:
    """Return a box of an MP4 file."""
    return (len(inside) + 8).to_bytes(4) + kind + inside


def send(client: FlaskClient, data: bytes, name: str = "a.jpg", path: str = "/api/uploads/direct") -> TestResponse:
    """Send a file in one request."""
    field = "avatar" if "avatar" in path else "file"
    # Left to itself the test client writes large forms to a file that it does not close.
    boundary, body = encode_multipart({field: FileStorage(io.BytesIO(data), name)})
    return client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def begin(client: FlaskClient, size: int, **headers: str) -> TestResponse:
    """Begin a resumable upload."""
    return client.post(
        "/api/uploads/resumable", headers={"Upload-Length": str(size), "Tus-Resumable": "1.0.0", **headers}
    )


def append(client: FlaskClient, path: str, offset: int, data: bytes, **headers: str) -> TestResponse:
    """Send bytes of a resumable upload."""
    return client.patch(
        path,
        data=data,
        content_type="application/offset+octet-stream",
        headers={"Upload-Offset": str(offset), **headers},
    )


def fetched(client: FlaskClient, url: str, **headers: str) -> TestResponse:
    """Return the answer to who looks at a file."""
    return client.get(url[url.index("/api/") :], headers=headers)
