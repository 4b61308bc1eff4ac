"""The server's log is kept whole and bounded, and warnings reach the terminal once."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixillo.ops.serve import logfile
from mixillo.ops.serve.logfile import LogFile
from tests.waiting import wait_until


@pytest.fixture
def told() -> list[str]:
    """What was said on the terminal."""
    return []


@pytest.fixture
def log(tmp_path: Path, told: list[str]) -> Iterator[LogFile]:
    """A log that is being followed."""
    with LogFile(tmp_path / "server.log", told.append) as following:
        yield following


def write(log: LogFile, **record: object) -> None:
    """Append a record as the server does."""
    os.write(log.fileno(), json.dumps(record).encode() + b"\n")


def test_warnings_and_errors_are_told_in_a_line_and_the_rest_is_not(log: LogFile, told: list[str]) -> None:
    request = {"requestMethod": "GET", "requestUrl": "/api/things", "status": 500}
    write(log, severity="INFO", message="request", httpRequest=request | {"status": 200})
    write(log, severity="INFO", message="said WARNING and ERROR")
    write(log, severity="WARNING", message="rate_limit_store_lost", error="ConnectionError")
    write(log, severity="ERROR", message="request", httpRequest=request)
    write(log, severity="ERROR", message="unhandled_exception", exception="Traceback …\n  File …\nValueError: no")
    os.write(log.fileno(), b'a stray line with an ERROR\n{"severity": "ERROR", "mess')
    wait_until(lambda: len(told) == 3)
    assert told == [
        "warning: rate_limit_store_lost ConnectionError",
        "error: GET /api/things → 500",
        "error: unhandled_exception — ValueError: no",
    ]


def test_the_same_warning_is_not_told_again_and_again(log: LogFile, told: list[str]) -> None:
    for _ in range(100):
        write(log, severity="WARNING", message="database_unavailable")
    write(log, severity="WARNING", message="the last one")
    wait_until(lambda: "warning: the last one" in told)
    assert told == ["warning: database_unavailable", "warning: the last one"]


def test_what_came_last_is_told_at_the_end(tmp_path: Path, told: list[str]) -> None:
    with LogFile(tmp_path / "server.log", told.append) as log:
        write(log, severity="CRITICAL", message="going down")
    assert told == ["critical: going down"]


def test_what_was_there_before_is_kept_and_not_told(tmp_path: Path, told: list[str]) -> None:
    path = tmp_path / "server.log"
    path.write_text('{"severity": "ERROR", "message": "old"}\n', "utf-8")
    with LogFile(path, told.append) as log:
        write(log, severity="ERROR", message="new")
    assert told == ["error: new"]
    assert len(path.read_text("utf-8").splitlines()) == 2


def test_a_large_log_is_set_aside(
    tmp_path: Path, log: LogFile, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logfile, "LIMIT_BYTES", 1_000)
    write(log, severity="INFO", message="x" * 2_000)
    wait_until(lambda: (tmp_path / "server.log.1").exists())
    wait_until(lambda: (tmp_path / "server.log").stat().st_size == 0)
    write(log, severity="WARNING", message="after")
    wait_until(lambda: told == ["warning: after"])
    assert "xxx" in (tmp_path / "server.log.1").read_text("utf-8")
