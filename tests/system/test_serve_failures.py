"""What keeps the server from running is one sentence and exit status 1, never a traceback."""

import os
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mixillo.ops.mongod import find_program
from tests.system.conftest import Serve
from tests.system.served import Served, command, free_port
from tests.waiting import wait_until

MEGABYTE = 1024 * 1024


def refusal(server: Served) -> str:
    """Return the one sentence with which the server refused."""
    assert server.wait_until_ended(90) == 1, server.output
    assert "Traceback" not in server.output
    said = [line for line in server.lines if line.startswith("Error: ")]
    assert len(said) == 1, server.output
    assert said[0].endswith(".")
    return said[0].removeprefix("Error: ")


def test_a_taken_port_is_named(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(serve(PORT=str(port)))
    assert said == f"Port {port} is taken by another program; set PORT to a free one, such as PORT=8000."


@pytest.mark.slow
def test_a_data_directory_in_use_is_named_with_its_user(serve: Serve) -> None:
    first = serve("--dataset", "none").wait_until_ready()
    said = refusal(serve("--dataset", "none"))
    assert f"{first.data_dir} is in use by another Mixillo (process {first.process.pid})" in said
    assert first.get("/api/health/db").status_code == 200


def test_a_mongod_that_is_not_there_is_named(serve: Serve) -> None:
    assert refusal(serve(MIXILLO_MONGOD="/nonexistent")) == (
        "MIXILLO_MONGOD names /nonexistent, which is not an executable file."
    )


def test_a_mongod_that_cannot_run_is_named(serve: Serve, tmp_path: Path) -> None:
    impostor = tmp_path / "mongod"
    impostor.write_text("#!/bin/sh\nexit 14\n", "utf-8")
    impostor.chmod(impostor.stat().st_mode | stat.S_IXUSR)
    assert "The embedded database ended by itself; see" in refusal(serve(MIXILLO_MONGOD=str(impostor)))


def test_an_unreachable_database_is_named_without_its_password(serve: Serve) -> None:
    port = free_port()
    server = serve(MONGODB_URI=f"mongodb://me:hunter2@127.0.0.1:{port}/shop?replicaSet=rs0")
    said = refusal(server)
    assert said.startswith(f"The database at mongodb://127.0.0.1:{port}/shop does not answer:")
    assert "hunter2" not in server.output


def test_a_name_that_does_not_resolve_is_told(serve: Serve) -> None:
    said = refusal(serve(MONGODB_URI="mongodb+srv://me:hunter2@cluster.invalid/shop"))
    assert "cluster.invalid" in said
    assert "hunter2" not in said


def test_a_single_server_is_refused_because_it_has_no_transactions(serve: Serve, tmp_path: Path) -> None:
    with single_mongod(tmp_path / "single") as port:
        said = refusal(serve(MONGODB_URI=f"mongodb://127.0.0.1:{port}/shop"))
    assert "is a single server, and transactions need a replica set" in said


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("MIXILLO_WORKER", "sync"), ("MONGODB_URI", "localhost:27017")]
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    answer = command("serve", data_dir=tmp_path / "data", **{name: value})
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"Error: {name} must be")
    assert answer.stderr.count("\n") == 1


def test_production_refuses_to_start_with_what_development_may_lack(tmp_path: Path) -> None:
    answer = command("serve", data_dir=tmp_path / "data", NODE_ENV="production", JWT_SECRET="changeme" * 6)
    assert answer.returncode == 1
    assert "JWT_SECRET is a default or easily guessed value." in answer.stderr
    assert "MONGODB_URI must be set in production." in answer.stderr


def test_an_unknown_dataset_is_a_usage_error(tmp_path: Path) -> None:
    answer = command("serve", "--dataset", "huge", data_dir=tmp_path / "data")
    assert answer.returncode == 2
    assert "'huge' is not one of" in answer.stderr


@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [0.02, 1, 8, 16])
def test_a_full_disk_is_named_whenever_it_fills(serve: Serve, small_disk: Path, megabytes: float) -> None:
    leave_free(small_disk, int(megabytes * MEGABYTE))
    said = refusal(serve("--dataset", "demo", MIXILLO_DATA_DIR=str(small_disk / "data")))
    assert "is full; free some space and start again" in said or said.startswith("No space left on device")


@pytest.mark.slow
def test_a_disk_that_fills_while_it_runs_ends_it_and_loses_nothing(serve: Serve, small_disk: Path) -> None:
    directory = str(small_disk / "data")
    server = serve("--dataset", "none", MIXILLO_DATA_DIR=directory).wait_until_ready()
    server.register("margaret")
    leave_free(small_disk, MEGABYTE)
    assert "is full; free some space and start again" in refusal(server)
    (small_disk / "filler").unlink()
    again = serve("--dataset", "none", MIXILLO_DATA_DIR=directory).wait_until_ready()
    login = {"email": "margaret@example.com", "password": "a-quiet-harbour-42"}
    assert again.post("/api/auth/login", login).status_code == 200
    assert again.stop() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 40 MB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no small disk here: {mounted.stderr.strip()}")
    yield place
    wait_until(lambda: subprocess.run(["umount", str(place)], check=False, capture_output=True).returncode == 0)


def leave_free(disk: Path, size: int) -> None:
    """Fill ``disk`` up to ``size`` bytes."""
    found = os.statvfs(disk)
    with (disk / "filler").open("wb") as filler:
        filler.write(b"\0" * (found.f_bavail * found.f_frsize - size))


@contextmanager
def single_mongod(path: Path) -> Iterator[int]:
    """Run a mongod that is no replica set, and yield its port."""
    path.mkdir()
    port = free_port()
    arguments = ["--dbpath", str(path), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"]
    with subprocess.Popen([find_program(), *arguments], stdout=subprocess.DEVNULL) as process:
        try:
            yield port
        finally:
            process.terminate()
