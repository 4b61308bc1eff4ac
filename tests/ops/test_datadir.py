"""The data directory is used by one at a time and keeps its secrets to its owner."""

import json
import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from mixillo.config import DEVELOPMENT, PRODUCTION, Settings, weakness
from mixillo.ops.datadir import DataDir, DataDirError, DataDirInUse

HOLDER = """
import sys
from mixillo.ops.datadir import DataDir
with DataDir(sys.argv[1]).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    """A data directory that does not exist yet."""
    return DataDir(tmp_path / "data")


def test_one_at_a_time_and_the_lock_ends_with_its_process(data: DataDir) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(DataDirInUse, match=rf"in use by another Mixillo \(process {holder.pid}\)"), data.locked():
            pass
        holder.kill()
    with data.locked():
        assert (data.path / "lock").read_text("utf-8") == str(os.getpid())
    with data.locked():
        pass


def test_commands_know_the_port_of_the_server_that_runs_from_here_and_of_no_other(data: DataDir) -> None:
    assert data.served(Settings()) == Settings()
    data.create()
    with subprocess.Popen([sys.executable, "-c", "input()", "gunicorn"], stdin=subprocess.PIPE) as server:
        data.server_state.write_text(json.dumps({"pid": server.pid, "port": 8123}), "utf-8")
        assert data.served(Settings()).base_url == "http://localhost:8123"
        server.kill()
    assert data.served(Settings()) == Settings(), "the file outlives a server that was killed"


def test_secrets_are_made_once_are_strong_and_are_readable_by_their_owner_alone(data: DataDir) -> None:
    first = data.complete(Settings())
    assert data.complete(Settings()) == first
    assert first.jwt_secret != first.jwt_refresh_secret
    assert weakness(first.jwt_secret) is None
    assert weakness(first.jwt_refresh_secret) is None
    assert stat.S_IMODE((data.path / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(data.path.stat().st_mode) == 0o700
    assert [path.name for path in data.path.iterdir()] == ["secrets.json"]


def test_secrets_of_the_environment_come_first(data: DataDir) -> None:
    given = Settings(jwt_secret="a" * 40)
    completed = data.complete(given)
    assert completed.jwt_secret == "a" * 40
    assert completed.jwt_refresh_secret
    both = replace(given, jwt_refresh_secret="b" * 40)
    assert DataDir(data.path / "elsewhere").complete(both) == both
    assert not (data.path / "elsewhere").exists()


def test_production_gets_no_secrets_from_here(data: DataDir) -> None:
    settings = Settings(environment=PRODUCTION)
    assert data.complete(settings) == settings
    assert not data.path.exists()


def test_many_that_start_at_once_agree_on_the_secrets(data: DataDir) -> None:
    data.create()
    found: list[Settings] = []
    threads = [
        threading.Thread(target=lambda: found.append(data.complete(Settings(environment=DEVELOPMENT))))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len({settings.jwt_secret for settings in found}) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"JWT_SECRET": "x"})])
def test_a_damaged_secrets_file_is_named_and_left_alone(data: DataDir, text: str) -> None:
    data.create()
    path = data.path / "secrets.json"
    path.write_text(text, "utf-8")
    with pytest.raises(DataDirError, match=r"secrets\.json does not hold the secrets; remove it"):
        data.complete(Settings())
    assert path.read_text("utf-8") == text


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirError, match=r"cannot be made: Not a directory\."):
        DataDir(tmp_path / "file" / "data").create()
    with pytest.raises(DataDirError, match=r"cannot be made: File exists\."):
        DataDir(tmp_path / "file").create()
