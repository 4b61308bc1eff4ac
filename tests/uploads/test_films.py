"""Videos and sounds, looked into by the real ffmpeg."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from mixillo.blueprints.uploads.services import films, scratch
from mixillo.blueprints.uploads.services.storage import gridfs
from tests.factories.uploads import CAMERA, append, begin, box, fetched, opened, send, video

pytestmark = pytest.mark.skipif(not films.is_installed(), reason="ffmpeg is not installed: nobody looks into videos")
MEASURED = """
import resource, sys
from mixillo.blueprints.uploads.services import films, kinds
film = films.look(open(sys.argv[1], "rb"), kinds.MP4)
print(film.width, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.mark.parametrize(
    ("extension", "kept"), [("mp4", "video/mp4"), ("mov", "video/quicktime"), ("webm", "video/webm")]
)
def test_a_video_says_how_long_and_large_it_is_and_shows_a_frame(
    client: FlaskClient, as_ada: FlaskClient, tmp_path: Path, extension: str, kept: str
) -> None:
    upload = send(as_ada, video(tmp_path, extension=extension), "a.jpg").json["data"]["upload"]
    assert (upload["kind"], upload["contentType"], upload["width"], upload["height"]) == ("video", kept, 320, 180)
    assert upload["duration"] == pytest.approx(1, abs=0.2)
    shown = fetched(client, upload["url"])
    assert (shown.headers["Content-Type"], len(shown.data)) == (kept, upload["fileSize"])
    assert opened(fetched(client, upload["thumbnailUrl"]).data).size == (320, 180)


@pytest.mark.parametrize("extension", ["mp4", "mov"])
def test_a_video_loses_its_place_and_plays_on(
    client: FlaskClient, as_ada: FlaskClient, tmp_path: Path, extension: str
) -> None:
    sent = video(tmp_path, extension=extension)
    assert b"+52.52" in sent or b"loci" in sent
    upload = send(as_ada, sent).json["data"]["upload"]
    kept = fetched(client, upload["url"]).data
    assert (len(kept), b"+52.5" in kept, b"loci" in kept, CAMERA.encode() in kept) == (len(sent), False, False, False)
    again = send(as_ada, kept).json["data"]["upload"]
    assert (again["status"], again["duration"]) == ("completed", upload["duration"])


def test_what_describes_a_film_may_be_at_its_end(
    client: FlaskClient, as_ada: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "BEGINNING", 256 * 1024)
    made = video(tmp_path)
    at = made.index(b"moov") - 4
    sent = made[:at] + box(b"free", bytes(3 * gridfs.PIECE_BYTES)) + made[at:]
    path = begin(as_ada, len(sent)).headers["Location"]
    assert append(as_ada, path, 0, sent).status_code == 204
    upload = as_ada.get(path).json["data"]["upload"]
    assert (upload["width"], upload["thumbnailUrl"] is not None) == (320, True)
    part = fetched(client, upload["url"], Range=f"bytes={at}-{at + 7}")
    assert part.data == sent[at : at + 8]


def test_a_sound_says_how_long_it_is(as_ada: FlaskClient, tmp_path: Path) -> None:
    made = video(tmp_path, extension="m4a", seconds=2)
    upload = send(as_ada, made).json["data"]["upload"]
    assert (upload["kind"], upload["contentType"], upload["thumbnailUrl"]) == ("audio", "audio/mp4", None)
    assert upload["duration"] == pytest.approx(2, abs=0.2)


@pytest.mark.slow
def test_looking_takes_so_much_and_no_more(tmp_path: Path) -> None:
    film = tmp_path / "large.mp4"
    film.write_bytes(video(tmp_path, size="3840x2160"))
    # In a process of its own: what others of this one have taken counts there too.
    seen = subprocess.run([sys.executable, "-c", MEASURED, film], capture_output=True, text=True, check=True)
    width, megabytes = map(int, seen.stdout.split())
    assert width == 3840
    assert 10 < megabytes < 512
