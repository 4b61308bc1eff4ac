"""The embedded database: found, started, stopped, and whole after any end."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from mixillo.ops import disk, mongod
from mixillo.ops.mongod import Mongod, MongodError, find_program, running
from tests.waiting import wait_until

OWNER = """
import sys, time
from pathlib import Path
from mixillo.ops.mongod import Mongod, find_program
Mongod(Path(sys.argv[1]), find_program()).start()
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Mongod]:
    """A mongod of this test alone, not started yet."""
    found = Mongod(tmp_path / "data", find_program())
    yield found
    found.stop()


def write(server: Mongod, number: int) -> None:
    """Write something and have it acknowledged."""
    with MongoClient(server.uri) as client:
        client["kept"]["numbers"].insert_one({"_id": number})


def numbers(server: Mongod) -> list[int]:
    """Return what was written."""
    with MongoClient(server.uri) as client:
        return sorted(client["kept"]["numbers"].distinct("_id"))


def test_it_takes_writes_and_transactions_once_it_is_started(server: Mongod) -> None:
    server.start()
    write(server, 1)
    with MongoClient(server.uri) as client, client.start_session() as session, session.start_transaction():
        client["kept"]["numbers"].insert_one({"_id": 2}, session=session)
    assert numbers(server) == [1, 2]


def test_it_listens_on_the_loopback_address_only(server: Mongod) -> None:
    server.start()
    listening = Path("/proc/net/tcp").read_text("utf-8").splitlines()
    addresses = {line.split()[1] for line in listening if f":{server.port:04X} " in line and " 0A " in line}
    assert addresses == {f"0100007F:{server.port:04X}"}


def test_a_stop_is_clean_and_a_second_start_finds_everything_at_the_same_place(server: Mongod) -> None:
    server.start()
    write(server, 1)
    port = server.port
    server.stop()
    assert running(server.data_dir) is None
    server.stop()  # once more does no harm
    server.start()
    assert server.port == port
    assert numbers(server) == [1]
    assert server.log_path.with_suffix(".log.1").exists()


def test_a_taken_port_is_left_to_its_user(server: Mongod) -> None:
    server.start()
    write(server, 1)
    taken = server.port
    server.stop()
    with socket.create_server(("127.0.0.1", taken)):
        server.start()
        assert server.port != taken
        write(server, 2)
    assert numbers(server) == [1, 2]


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_minus_nine(server: Mongod) -> None:
    server.start()
    for number in range(100):
        write(server, number)
        if number % 25 == 24:
            os.kill(server.pid, signal.SIGKILL)
            wait_until(lambda: server.exited)
            server.start()
    assert numbers(server) == list(range(100))


@pytest.mark.parametrize("seconds", [0.05, 0.15, 0.3, 0.5])
def test_a_first_start_that_is_killed_half_way_is_simply_repeated(server: Mongod, seconds: float) -> None:
    def kill() -> None:
        wait_until(lambda: server.pid)
        threading.Event().wait(seconds)  # the moment is the point of this test
        os.kill(server.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        server.start()
    except MongodError as error:
        assert "ended by itself" in str(error)  # noqa: PT017  a machine in a hurry may have started it in time
    killer.join()
    wait_until(lambda: server.exited)
    server.start()
    write(server, 1)
    assert numbers(server) == [1]


def test_it_ends_with_its_owner_however_that_ends(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE)
    with owner:
        assert owner.stdout
        assert owner.stdout.readline() == b"started\n"
        assert running(tmp_path)
        owner.kill()
    wait_until(lambda: running(tmp_path) is None, 20)


def test_a_start_stops_what_a_killed_owner_left_behind(server: Mongod) -> None:
    server.start()
    write(server, 1)
    abandoned, server.process = server.process, None
    assert abandoned
    reaper = threading.Thread(target=abandoned.wait)
    reaper.start()
    server.start()
    reaper.join()
    assert numbers(server) == [1]


def test_the_word_of_a_dead_server_is_not_believed(server: Mongod, tmp_path: Path) -> None:
    assert running(tmp_path) is None
    server.start()
    found = running(server.data_dir)
    assert found is not None
    assert (found.pid, found.uri, found.is_shared) == (server.pid, server.uri, True)
    state = (server.data_dir / mongod.STATE_FILE).read_text("utf-8")
    server.stop()
    # The process id may belong to somebody else by now.
    (server.data_dir / mongod.STATE_FILE).write_text(state.replace(f'"pid": {found.pid}', f'"pid": {os.getpid()}'))
    assert running(server.data_dir) is None
    (server.data_dir / mongod.STATE_FILE).write_text("half a fi", "utf-8")
    assert running(server.data_dir) is None


def test_the_program_is_the_configured_one_else_on_path_else_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path = tmp_path / "mongod"
    on_path.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program() == on_path
    assert find_program("/bin/sh") == Path("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert find_program().name == "mongod"
    assert "site-packages" in str(find_program())


def test_without_a_program_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(mongod, "PACKAGED", "nowhere/mongod")
    with pytest.raises(MongodError, match="Set MONGODB_URI to a MongoDB replica set, or install MongoDB"):
        find_program()
    with pytest.raises(MongodError, match="MIXILLO_MONGOD names /nonexistent"):
        find_program("/nonexistent")


def test_a_full_disk_is_told_before_and_while_it_runs(server: Mongod, monkeypatch: pytest.MonkeyPatch) -> None:
    server.start()
    # Only this server's disk: the one that serves this test run's own database is watched too.
    monkeypatch.setattr(disk, "is_full", lambda path: path == server.data_dir)
    wait_until(lambda: server.exited)
    assert "is full; free some space and start again" in server.reason()
    with pytest.raises(MongodError, match="is full; free some space and start again"):
        server.start()


def test_two_servers_on_one_directory_are_told_apart(server: Mongod) -> None:
    server.start()
    (server.data_dir / mongod.STATE_FILE).unlink()
    second = Mongod(server.data_dir, server.program)
    with pytest.raises(MongodError, match=r"Another mongod uses .*/db; stop it or set MIXILLO_DATA_DIR"):
        second.start()
    second.process = None
