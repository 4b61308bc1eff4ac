"""A real encoder, media server and Mixillo: what is published is live, is watched, and is over when it stops."""

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.live.queries import playback
from mixillo.config import Settings
from mixillo.core import clock
from tests.factories.auth import make_session
from tests.factories.users import make_follow, make_user
from tests.instances import ROOT, free_port, serving_many
from tests.sockets import Socket
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
SAMPLE = ROOT / "deploy" / "media" / "nginx.conf"
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
SECRET = "media-" + "m" * 32
Document = dict[str, Any]


@dataclass
class MediaServer:
    """Where the parts are: Mixillo, where encoders go, where viewers go, and the directory of the segments."""

    api: str
    ingest: str
    playback: str
    segments: Path


@pytest.fixture(scope="module")
def media(migrated_app: Flask, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaServer]:
    """Nginx with the configuration that is delivered, but for addresses and directories, in front of one Mixillo."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None or not MODULE.exists() or shutil.which("ffmpeg") is None:
        pytest.skip("nginx, libnginx-mod-rtmp or ffmpeg is not installed")
    tmp_path = tmp_path_factory.mktemp("media")
    rtmp, http, inner = free_port(), free_port(), free_port()
    ingest, watching = f"rtmp://127.0.0.1:{rtmp}/live", f"http://127.0.0.1:{http}/hls"
    more = {
        "MIXILLO_MEDIA_SECRET": SECRET,
        "MIXILLO_MEDIA_INGEST_URL": ingest,
        "MIXILLO_MEDIA_PLAYBACK_URL": watching,
        "MIXILLO_MEDIA_GRACE_SECONDS": "1",
    }
    with serving_many(settings, tmp_path, 1, **more) as instances:
        made = MediaServer(instances.urls[0], ingest, watching, tmp_path / "hls")
        text = SAMPLE.read_text("utf-8")
        for old, new in {
            "/etc/nginx/modules-enabled/*.conf": str(tmp_path / "module.conf"),
            "user www-data;": f"user {getpass.getuser()};" if os.geteuid() == 0 else "",
            "/run/nginx.pid": str(tmp_path / "nginx.pid"),
            "listen 1935": f"listen 127.0.0.1:{rtmp}",
            "listen 8080": f"listen 127.0.0.1:{http}",
            "127.0.0.1:8081": f"127.0.0.1:{inner}",
            "https://api.example.com": made.api,
            "/var/lib/mixillo-media/hls": str(made.segments),
            "notify_update_timeout 10s": "notify_update_timeout 1s",
            "hls_fragment 2s": "hls_fragment 1s",
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        (tmp_path / "nginx.conf").write_text(f"daemon off; error_log {tmp_path}/error.log;\n{text}", "utf-8")
        (tmp_path / "module.conf").write_text(f"load_module {MODULE};", "utf-8")
        (tmp_path / "media-secret.conf").write_text(f'set $media_secret "{SECRET}";', "utf-8")
        with subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]) as process:
            wait_until(lambda: status(watching) == 403)
            yield made
            process.terminate()


def status(address: str) -> int:
    try:
        return requests.get(address, timeout=5).status_code
    except requests.RequestException:
        return 0


def encoder(ingest: str, key: str) -> subprocess.Popen:
    """Send a test picture and a tone, as OBS would."""
    command = [
        "ffmpeg", "-loglevel", "quiet", "-re", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=15", "-f", "lavfi", "-i",
        "sine=frequency=440", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15",
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "flv", f"{ingest}/{key}",
    ]  # fmt: skip
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


@pytest.fixture
def people(app: Flask, db: Database) -> tuple[Document, Document]:
    """Ada, and Bob who follows her, each with a token."""
    ada, bob = (make_user(db, username=name) for name in ("ada", "bob"))
    make_follow(db, bob, ada)
    tokens = [make_session(app, person)[1]["token"] for person in (ada, bob)]
    return ada | {"token": tokens[0]}, bob | {"token": tokens[1]}


def test_from_the_encoder_to_the_viewers_and_back(
    media: MediaServer, people: tuple[Document, Document], ops_db: Database, settings: Settings
) -> None:
    ada, bob = ({"Authorization": f"Bearer {each['token']}"} for each in people)
    viewer = Socket(media.api, {"token": people[1]["token"]})
    wait_until(lambda: ops_db["presence"].find_one({"_id.room": "online", "people": people[1]["_id"]}))
    body = {"title": "Opening the kiln", "provider": "rtmp"}
    begun = requests.post(f"{media.api}/api/live/start", json=body, headers=ada, timeout=10).json()["data"]
    path = f"{media.api}/api/live/{begun['livestream']['_id']}"
    server, key = begun["config"]["rtmpUrl"], begun["config"]["streamKey"]

    def shown() -> Document:
        stream: Document = requests.get(path, headers=bob, timeout=10).json()["data"]["livestream"]
        return stream

    # A wrong key: the media server hangs up, nothing is on the air, nothing can be fetched.
    wrong = encoder(server, key[:-1] + ("0" if key[-1] != "0" else "1"))
    assert wrong.wait(20) != 0
    assert (shown()["status"], shown()["hlsUrl"]) == ("starting", None)
    assert not list(media.segments.glob("*/*"))
    assert viewer.told("stream:started") == []

    # The right one: it is live, and followers hear of it.
    publishing = encoder(server, key)
    try:
        started = wait_until(lambda: viewer.told("stream:started"), 20)
        assert [each["livestreamId"] for each in started] == [begun["livestream"]["_id"]]
        assert viewer.ask("live:join", {"livestreamId": begun["livestream"]["_id"]})["ok"]
        assert shown()["status"] == "live"

        # A second encoder is refused, and its leaving ends nothing.
        assert encoder(server, key).wait(20) != 0
        assert shown()["status"] == "live"

        # It plays: the playlist, a segment by its name in there, and what a player makes of it.
        address = shown()["hlsUrl"]
        playlist = wait_until(lambda: answered(address), 20)
        segment = next(line for line in playlist.text.splitlines() if line.endswith(".ts"))
        assert requests.get(urljoin(address, segment), timeout=10).content[:1] == b"\x47"  # MPEG-TS begins so
        assert streams_in(address) == {"h264", "aac"}

        # What was tampered with, is late, or is not signed, does not.
        signature, expires, name = address.split("/")[-4:-1]
        configured = Settings(**(vars(settings) | {"media_secret": SECRET, "media_playback_url": media.playback}))
        minute, now = timedelta(minutes=1), clock.now()
        forged = {
            "another signature": address.replace(signature, signature[::-1]),
            "another time": address.replace(f"/{expires}/", f"/{int(expires) + 3600}/"),
            "another stream": address.replace(name, f"{name}0"),
            "late": playback.signed(configured, name, now - minute),
            "not signed": f"{media.playback}/{name}/index.m3u8",
            "a segment by another signature": urljoin(address, segment).replace(signature, "A" * 22),
        }
        assert {what: status(each) for what, each in forged.items()} == dict.fromkeys(forged, 403)
        assert status(playback.signed(configured, name, now + minute)) == 200
        assert publishing.poll() is None
    finally:
        publishing.terminate()
        publishing.wait(10)

    # The encoder is gone: after the grace it is over, and viewers hear of it.
    ended = wait_until(lambda: viewer.told("stream:ended"), 30)
    assert (ended[0]["reason"], ended[0]["status"]) == ("media_gone", "ended")
    assert ended[0]["duration"] > 0
    assert (shown()["status"], shown()["hlsUrl"]) == ("ended", None)
    viewer.close()


def test_who_ends_a_stream_cuts_its_encoder_off(media: MediaServer, people: tuple[Document, Document]) -> None:
    ada = {"Authorization": f"Bearer {people[0]['token']}"}
    body = {"title": "Opening the kiln", "provider": "rtmp"}
    begun = requests.post(f"{media.api}/api/live/start", json=body, headers=ada, timeout=10).json()["data"]
    path = f"{media.api}/api/live/{begun['livestream']['_id']}"
    publishing = encoder(begun["config"]["rtmpUrl"], begun["config"]["streamKey"])
    try:
        wait_until(lambda: requests.get(path, headers=ada, timeout=5).json()["data"]["livestream"]["isLive"], 20)
        assert requests.post(f"{path}/end", json={}, headers=ada, timeout=10).status_code == 200
        assert publishing.wait(20) != 0
    finally:
        publishing.kill()
        publishing.wait(10)


def answered(address: str) -> requests.Response | None:
    answer = requests.get(address, timeout=5)
    return answer if answer.ok and ".ts" in answer.text else None


def streams_in(address: str) -> set[str]:
    """Return the codecs that ffprobe finds behind an address."""
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", address]
    found = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return {line.strip(" ,") for line in found.stdout.split() if line.strip(" ,")}
