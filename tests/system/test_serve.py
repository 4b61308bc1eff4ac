"""`make run`: everything with one command, again after any end, and never a lost write."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from mixillo.ops import migrations
from tests.system.conftest import Serve
from tests.system.served import Served, command, gone
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
REPORT = '"collections": 107, "documents": 1193'


def stats(data_dir: Path) -> str:
    """Return what `mixillo db stats --json` prints."""
    answer = command("db", "stats", "--json", data_dir=data_dir)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_first_start_loads_the_report_and_the_second_keeps_the_data(serve: Serve) -> None:
    first = serve().wait_until_ready()
    assert first.get("/health").json()["status"] == "ok"
    assert first.get("/api/health/db").status_code == 200
    assert REPORT in stats(first.data_dir)
    for said in ("/api/docs", "/ops", "107 collections, 1,193 documents", str(first.data_dir), "/ops/setup?token="):
        assert said in first.output
    first.register("grace")
    pids = first.pids()
    assert first.stop() == 0
    assert first.lines[-1] == "Stopped."
    assert all(gone(pid) for pid in pids)

    second = serve().wait_until_ready()
    assert "Applied" not in second.output
    users = json.loads(stats(second.data_dir))
    assert users["documents"] > 1193
    answer = second.post("/api/auth/login", {"email": "grace@example.com", "password": "a-quiet-harbour-42"})
    assert answer.status_code == 200, answer.text


def test_a_second_start_takes_less_than_five_seconds(serve: Serve) -> None:
    serve().wait_until_ready().stop()
    server = serve().wait_until_ready()
    assert server.seconds < 5 * slowdown(server.data_dir)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_every_polite_signal_stops_everything(serve: Serve, signum: int) -> None:
    server = serve("--dataset", "none").wait_until_ready()
    pids = server.pids()
    assert server.stop(signum) == 0
    assert all(gone(pid) for pid in pids)
    assert "Traceback" not in server.output


def test_killing_the_supervisor_leaves_nothing_running_and_loses_nothing(serve: Serve) -> None:
    server = serve("--dataset", "none").wait_until_ready()
    server.register("ada")
    pids = server.pids()
    server.process.kill()
    for pid in pids:
        wait_until(lambda pid=pid: gone(pid), 15)
    again = serve("--dataset", "none").wait_until_ready()
    with again.client() as client:
        assert client["mixillo"]["users"].count_documents({"username": "ada"}) == 1


def test_a_start_right_after_the_supervisor_was_killed_waits_for_the_leftovers(serve: Serve) -> None:
    server = serve("--dataset", "none").wait_until_ready()
    server.process.kill()
    again = serve("--dataset", "none", PORT=str(server.port)).wait_until_ready()
    assert again.get("/api/health/db").status_code == 200


def test_a_killed_worker_is_replaced(serve: Serve) -> None:
    server = serve("--dataset", "none").wait_until_ready()
    server.register("alan")
    old = server.worker_pid
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: gone(old))
    wait_until(lambda: answers(server), 20)
    assert server.worker_pid != old
    assert server.stop() == 0


def test_the_end_of_the_web_server_ends_everything_with_one_sentence(serve: Serve) -> None:
    server = serve("--dataset", "none").wait_until_ready()
    pids = server.pids()
    os.kill(server.gunicorn_pid, signal.SIGKILL)
    assert server.wait_until_ended() == 1
    assert "Error: The web server ended by itself; see" in server.lines[-1]
    assert "Traceback" not in server.output
    for pid in pids:
        wait_until(lambda pid=pid: gone(pid), 15)


def test_a_killed_database_comes_back_by_itself_with_every_acknowledged_write(serve: Serve) -> None:
    server = serve("--dataset", "none").wait_until_ready()
    acknowledged, stop = [0], threading.Event()
    writer = threading.Thread(target=write_until, args=(server, acknowledged, stop))
    writer.start()
    for kills in range(1, 4):
        before = acknowledged[0]
        wait_until(lambda before=before: acknowledged[0] > before + 20, 30)
        os.kill(server.mongod_pid, signal.SIGKILL)
        wait_until(lambda kills=kills: server.output.count("The embedded database is back.") == kills, 30)
        wait_until(lambda: server.get("/api/health/db").status_code == 200, 20)
        assert server.get("/health").status_code == 200
    stop.set()
    writer.join()
    with server.client() as client:
        found = {document["_id"] for document in client["mixillo"]["acknowledged"].find()}
    assert set(range(1, acknowledged[0] + 1)) <= found
    assert server.stop() == 0


def write_until(server: Served, acknowledged: list[int], stop: threading.Event) -> None:
    """Count up in the database; ``acknowledged`` holds the last number that it has confirmed."""
    with server.client() as client:
        collection = client["mixillo"]["acknowledged"]
        while not stop.is_set():
            try:
                number = acknowledged[0] + 1
                collection.update_one({"_id": number}, {"$set": {"at": number}}, upsert=True)
                acknowledged[0] = number
            except PyMongoError:
                time.sleep(0.01)


@pytest.mark.parametrize("seconds", [0.8, 1.6, 2.4, 3.2])
def test_a_first_start_that_is_killed_at_any_moment_is_simply_repeated(serve: Serve, seconds: float) -> None:
    server = serve()
    threading.Event().wait(seconds)  # the moment of the kill is the point of this test
    server.process.kill()
    server.wait_until_ended()
    again = serve().wait_until_ready()
    assert REPORT in stats(again.data_dir)
    assert "0001_users_follows_and_blocks" in command("db", "status", "--json", data_dir=again.data_dir).stdout
    assert json.loads(command("db", "status", "--json", data_dir=again.data_dir).stdout)["pending"] == []


def test_a_first_start_that_is_killed_while_it_loads_leaves_no_half_of_a_dataset(serve: Serve) -> None:
    server = serve("--dataset", "demo")
    last = sorted(path.stem for path in migrations.DIRECTORY.glob("0*.py"))[-1]
    wait_until(lambda: last in server.output, 60)
    with server.client() as client:
        wait_until(lambda: client["mixillo"]["follows"].find_one(), 60)
        server.process.kill()
        server.wait_until_ended()
        assert client["mixillo_ops"]["datasets"].find_one()["state"] == "loading"
    again = serve().wait_until_ready()
    assert "Removed what an interrupted load of demo had left." in again.output
    assert REPORT in stats(again.data_dir)


@pytest.mark.parametrize("worker", ["eventlet", "gevent", "gthread"])
def test_every_worker_serves_and_stops(serve: Serve, worker: str) -> None:
    server = serve("--dataset", "none", MIXILLO_WORKER=worker).wait_until_ready()
    assert server.get("/api/health/db").status_code == 200
    server.register("edsger")
    pids = server.pids()
    assert server.stop() == 0
    assert all(gone(pid) for pid in pids)
    log = (server.data_dir / "server.log").read_text("utf-8")
    assert "Traceback" not in log
    assert all(json.loads(line) for line in log.splitlines())


def test_a_database_that_you_brought_is_migrated_and_never_filled(
    serve: Serve, mongod_of_this_test: str, tmp_path: Path
) -> None:
    server = serve(MONGODB_URI=mongod_of_this_test).wait_until_ready()
    assert "Applied 0001" in server.output
    assert not (server.data_dir / "db").exists()
    with MongoClient(mongod_of_this_test) as client:
        names = client["brought"].list_collection_names()
        assert all(client["brought"][name].count_documents({}) == 0 for name in names)
    assert server.stop() == 0


def test_a_database_that_you_brought_is_filled_when_you_ask(serve: Serve, mongod_of_this_test: str) -> None:
    server = serve("--dataset", "report", MONGODB_URI=mongod_of_this_test).wait_until_ready()
    assert "107 collections, 1,193 documents" in server.output
    assert server.stop() == 0


def answers(server: Served) -> bool:
    """Return whether the server answers."""
    try:
        return server.get("/health", timeout=1).status_code == 200
    except OSError:
        return False


def slowdown(data_dir: Path) -> float:
    """Return how many times longer than its CPU time a command takes now, because others use the machine."""
    before, started = os.times(), time.monotonic()
    command("version", data_dir=data_dir)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return max(1.0, (time.monotonic() - started) / used)
