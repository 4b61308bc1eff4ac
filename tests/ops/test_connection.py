"""Commands find a database by themselves, and say without secrets why they cannot use one."""

from pathlib import Path

import pytest
from pymongo import MongoClient

from mixillo.config import Settings
from mixillo.ops import connection, mongod
from mixillo.ops.connection import DatabaseUnusable, check, found, place
from mixillo.ops.datadir import DataDir, DataDirInUse
from mixillo.ops.mongod import Mongod, MongodError, find_program


def test_the_named_server_is_used_and_nothing_is_started(mongod: Mongod, tmp_path: Path) -> None:
    settings = Settings(mongodb_uri=mongod.uri_of("brought"), data_dir=str(tmp_path / "data"))
    with found(settings) as complete:
        assert complete.mongodb_uri == settings.mongodb_uri
        assert complete.jwt_secret
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secrets.json"]


def test_the_running_embedded_one_is_used_and_left_running(tmp_path: Path) -> None:
    server = Mongod(tmp_path, find_program())
    server.start()
    try:
        with DataDir(tmp_path).locked(), found(Settings(data_dir=str(tmp_path))) as complete:
            assert complete.mongodb_uri == server.uri_of("mixillo")
        assert mongod.running(tmp_path)
    finally:
        server.stop()


def test_without_one_it_is_started_for_the_command_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "data"))
    with found(settings) as complete, MongoClient(complete.mongodb_uri) as client:
        assert client.admin.command("ping")["ok"]
        running = mongod.running(tmp_path / "data")
        assert running is not None
        assert running.is_shared is False
    assert mongod.running(tmp_path / "data") is None


def test_a_directory_that_stays_in_use_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "START_SECONDS", 0.2)
    with DataDir(tmp_path).locked(), pytest.raises(DataDirInUse), found(Settings(data_dir=str(tmp_path))):
        pass


def test_a_database_that_dies_under_a_command_is_the_reason_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(MongodError, match="The embedded database ended by itself"):
        die_under_a_command(DataDir(tmp_path))


def die_under_a_command(data: DataDir) -> None:
    """Lose the database in the middle of a command."""
    with (
        data.locked(),
        connection.embedded(data, "") as server,
        MongoClient(server.uri, timeoutMS=1_000) as client,
    ):
        assert server.process
        server.process.kill()
        client.admin.command("ping")


def test_another_failure_stays_itself(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    with pytest.raises(ZeroDivisionError), data.locked(), connection.embedded(data, ""):
        _ = 1 // 0
    assert mongod.running(tmp_path) is None


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("mongodb://me:hunter2@127.0.0.1:1/shop", r"127\.0\.0\.1:1/shop does not answer: .*Connection refused"),
        ("mongodb://me:hun%ter2@127.0.0.1:1/shop", "cannot be used: .*RFC 3986"),
        ("mongodb://me:hunter2@127.0.0.1:99999/shop", "cannot be used: Port must be"),
    ],
)
def test_why_a_server_cannot_be_used_is_told_without_its_password(uri: str, told: str) -> None:
    with pytest.raises(DatabaseUnusable, match=told) as failure:
        check(uri)
    assert "hunter2" not in str(failure.value)
    assert "hun%" not in str(failure.value)
    assert str(failure.value).count("\n") == 0


def test_a_place_has_no_user_password_or_options() -> None:
    assert place("mongodb+srv://me:p@ss@cluster.example.net/shop?w=1") == "mongodb+srv://cluster.example.net/shop"
    assert place("mongodb://me:p/w@localhost/shop") == "mongodb://localhost/shop"
    assert place("mongodb://localhost/shop") == "mongodb://localhost/shop"
