"""Commands beside a server, and without one."""

import json
import threading
from pathlib import Path

import pytest

from mixillo.ops import mongod
from tests.system.conftest import Serve
from tests.system.served import Served, command

pytestmark = pytest.mark.slow


def test_commands_find_the_database_of_the_running_server(live_server: Served) -> None:
    pid = live_server.mongod_pid
    with live_server.client() as client:
        held = len(client["mixillo"].list_collection_names())
    answer = command("db", "stats", "--json", data_dir=live_server.data_dir)
    assert json.loads(answer.stdout)["collections"] == held
    assert answer.stderr == ""
    assert live_server.mongod_pid == pid


def test_commands_start_the_database_for_as_long_as_they_need_it(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    loaded = command("data", "load", "report", "--json", data_dir=data_dir)
    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(loaded.stdout)["documents"] == 1193
    assert mongod.running(data_dir) is None
    again = command("data", "load", "report", data_dir=data_dir)
    assert again.returncode == 1
    assert "already holds documents" in again.stderr
    assert '"collections": 107, "documents": 1193' in command("db", "stats", "--json", data_dir=data_dir).stdout


def test_commands_at_the_same_time_take_turns(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    answers: list[int] = []
    run = lambda: answers.append(command("db", "migrate", data_dir=data_dir).returncode)  # noqa: E731
    runners = [threading.Thread(target=run) for _ in range(3)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert answers == [0, 0, 0]
    assert json.loads(command("db", "status", "--json", data_dir=data_dir).stdout)["pending"] == []


def test_migrations_go_down_and_up_by_command(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    applied = json.loads(command("db", "migrate", "--json", data_dir=data_dir).stdout)["applied"]
    reverted = json.loads(command("db", "rollback", "--steps", "2", "--yes", "--json", data_dir=data_dir).stdout)
    assert reverted["reverted"] == applied[:-3:-1]
    assert json.loads(command("db", "status", "--json", data_dir=data_dir).stdout)["pending"] == applied[-2:]
    assert json.loads(command("db", "migrate", "--json", data_dir=data_dir).stdout)["applied"] == applied[-2:]
    assert "Nothing to do" in command("db", "migrate", data_dir=data_dir).stdout


def test_a_command_while_the_server_is_starting_waits_for_it(serve: Serve) -> None:
    server = serve("--dataset", "none")
    while not (server.data_dir / "lock").exists():
        assert server.process.poll() is None
    answer = command("db", "stats", "--json", data_dir=server.data_dir)
    assert answer.returncode == 0, answer.stderr
    server.wait_until_ready()
