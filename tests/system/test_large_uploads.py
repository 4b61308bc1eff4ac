"""Large files and heavy pictures through a real server, while it serves others."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from mixillo.blueprints.uploads.services import films
from tests.factories.uploads import photograph, video
from tests.system.conftest import Serve
from tests.system.served import Served
from tests.waiting import wait_until

MEGABYTE = 1024 * 1024
SIZE = 500 * MEGABYTE
BYTES = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}
pytestmark = pytest.mark.slow


def peak(pid: int) -> float:
    """Return the most memory that a process has had since it was told to forget, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def forget_peak(pid: int) -> None:
    """Let the kernel forget how much memory a process had at most."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", "utf-8")


@contextmanager
def others(server: Served) -> Iterator[list[float]]:
    """Ask for something small all the time; the list is how long each answer took, in seconds."""
    took: list[float] = []
    ended = threading.Event()

    def ask() -> None:
        with requests.Session() as session:
            while not ended.wait(0.02):
                begun = time.monotonic()
                assert session.get(f"{server.url}/health", timeout=30).status_code == 200
                took.append(time.monotonic() - begun)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield took
    finally:
        ended.set()
        thread.join()


def large_video(directory: Path) -> Path:
    """Return a video of 500 MB, most of which is a hole."""
    made = video(directory)
    at = made.index(b"moov") - 4
    padding = SIZE - len(made) - 8
    path = directory / "large.mp4"
    with path.open("wb") as file:
        file.write(made[:at] + (padding + 8).to_bytes(4) + b"free")
        file.seek(padding, 1)
        file.write(made[at:])
    assert path.stat().st_size == SIZE
    return path


def breaking(path: Path) -> Iterator[bytes]:
    """Yield the beginning of a file, until the line breaks."""
    with path.open("rb") as file:
        for _ in range(150):
            yield file.read(MEGABYTE)
    raise requests.ConnectionError


def send_the_rest(place: str, path: Path, who: dict[str, str]) -> None:
    """Do as a client of tus does: ask how much is stored, and go on there."""

    def rest_is_sent() -> bool:
        offset = int(requests.head(place, headers=who, timeout=10).headers["Upload-Offset"])
        with path.open("rb") as file:
            file.seek(offset)
            answer = requests.patch(place, data=file, headers=who | BYTES | {"Upload-Offset": str(offset)}, timeout=80)
        assert answer.status_code in (204, 423), answer.text
        return answer.status_code == 204

    wait_until(rest_is_sent, 80)


@pytest.mark.skipif(not films.is_installed(), reason="ffmpeg is not installed: it makes the video")
def test_500_megabytes_go_through_little_memory_over_a_line_that_breaks(serve: Serve, tmp_path: Path) -> None:
    server = serve(MIXILLO_RATE_LIMIT="off").wait_until_ready()
    who = {"Authorization": f"Bearer {server.register('ada')['token']}"}
    path = large_video(tmp_path)
    begun = requests.post(f"{server.url}/api/uploads/resumable", headers=who | {"Upload-Length": str(SIZE)}, timeout=10)
    assert begun.status_code == 201, begun.text
    place = f"{server.url}{begun.headers['Location']}"
    forget_peak(server.worker_pid)
    idle = peak(server.worker_pid)
    started = time.monotonic()
    with others(server) as took:
        with pytest.raises(requests.ConnectionError):
            requests.patch(place, data=breaking(path), headers=who | BYTES | {"Upload-Offset": "0"}, timeout=80)
        send_the_rest(place, path, who)
    seconds = time.monotonic() - started
    upload = requests.get(place, headers=who, timeout=10).json()["data"]["upload"]
    assert (upload["status"], upload["fileSize"], upload["width"]) == ("completed", SIZE, 320)
    shown = requests.get(upload["url"], headers={"Range": "bytes=-2000"}, timeout=10)
    assert (shown.status_code, len(shown.content), b"udta" in shown.content) == (206, 2_000, False)
    most = peak(server.worker_pid)
    print(f"500 MB in {seconds:.0f} s; the worker had {most:.0f} MB at most; others waited {max(took):.2f} s at most")  # noqa: T201
    # What the worker has anyway is measured elsewhere; with it, this was 149 MB when it was written.
    assert most - idle <= 24
    assert sorted(took)[int(len(took) * 0.99)] <= 0.5


def test_heavy_pictures_hold_nobody_up(serve: Serve) -> None:
    server = serve(MIXILLO_RATE_LIMIT="off").wait_until_ready()
    who = {"Authorization": f"Bearer {server.register('ada')['token']}"}
    sent = photograph((6_000, 4_000))
    answers: list[Any] = []

    def send() -> None:
        form = {"file": ("a.jpg", sent)}
        answers.append(requests.post(f"{server.url}/api/uploads/direct", files=form, headers=who, timeout=80))

    forget_peak(server.worker_pid)
    before = peak(server.worker_pid)
    with others(server) as took:
        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [answer.status_code for answer in answers] == [201] * 4, [answer.text for answer in answers]
    rise = peak(server.worker_pid) - before
    print(f"4 pictures of 24 megapixels: {rise:.0f} MB more; others waited {max(took):.2f} s at most")  # noqa: T201
    assert rise <= 64
    assert sorted(took)[int(len(took) * 0.99)] <= 0.5


def test_what_was_stored_survives_a_killed_worker(serve: Serve) -> None:
    server = serve(MIXILLO_RATE_LIMIT="off").wait_until_ready()
    who = {"Authorization": f"Bearer {server.register('ada')['token']}"}
    sent = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(range(256)) * 80_000
    begun = requests.post(
        f"{server.url}/api/uploads/resumable", headers=who | {"Upload-Length": str(len(sent))}, timeout=10
    )
    place = f"{server.url}{begun.headers['Location']}"

    def stored() -> int:
        try:
            return int(requests.head(place, headers=who, timeout=10).headers["Upload-Offset"])
        except requests.RequestException:
            return 0

    def killing() -> Iterator[bytes]:
        for at in range(0, len(sent) // 2, MEGABYTE):
            yield sent[at : at + MEGABYTE]
        wait_until(stored)
        os.kill(server.worker_pid, signal.SIGKILL)
        yield b""

    with pytest.raises(requests.RequestException):
        requests.patch(place, data=killing(), headers=who | BYTES | {"Upload-Offset": "0"}, timeout=80)
    offset = wait_until(stored, 30)
    assert offset % (512 * 1024) == 0  # what is in memory goes, whole pieces stay

    def rest_is_sent() -> bool:
        headers = who | BYTES | {"Upload-Offset": str(offset)}
        answer = requests.patch(place, data=sent[offset:], headers=headers, timeout=80)
        assert answer.status_code in (204, 400, 423), answer.text
        return answer.status_code != 423

    wait_until(rest_is_sent, 60)  # the dead one's right to write lasts a while
    upload = requests.get(f"{server.url}/api/uploads/{place[-24:]}", headers=who, timeout=10).json()["data"]["upload"]
    assert (upload["received"], upload["status"]) in ((len(sent), "completed"), (len(sent), "failed"))
