"""Logs: one JSON line per request in Cloud Logging's form, and never a secret."""

import io
import json
import logging

import pytest
import structlog
from flask.testing import FlaskClient

from mixillo.core import logs

CANARY = "canary-5f1d2e"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure("INFO")
    return stream


def test_a_record_is_one_line_as_cloud_logging_reads_it(lines: io.StringIO) -> None:
    structlog.get_logger("test").warning("disk_low", free=3)
    record = json.loads(lines.getvalue())
    assert record["severity"] == "WARNING"
    assert record["message"] == "disk_low"
    assert record["free"] == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"password": CANARY},
        {"newPassword": CANARY},
        {"JWT_SECRET": CANARY},
        {"refreshToken": CANARY},
        {"headers": {"Authorization": f"Bearer {CANARY}"}},
        {"headers": [{"Cookie": CANARY}]},
        {"uri": f"mongodb://user:{CANARY}@host/db"},
        {"url": f"/ops/setup?token={CANARY}"},
        {"text": f"token eyJhbGciOiJIUzI1NiJ9.{CANARY}.{CANARY}"},
        {"text": f"$argon2id$v=19$m=19456,t=2,p=1${CANARY}"},
        {"text": f"$2b$10${CANARY}"},
    ],
)
def test_a_secret_never_reaches_the_log(lines: io.StringIO, fields: dict[str, object]) -> None:
    structlog.get_logger("test").info("something", **fields)
    assert CANARY not in lines.getvalue()
    assert "[redacted]" in lines.getvalue()


def test_an_offered_request_id_is_kept_when_it_is_harmless(client: FlaskClient) -> None:
    assert client.get("/health", headers={"X-Request-Id": "abcdef-123456"}).headers["X-Request-Id"] == "abcdef-123456"
    forged = client.get("/health", headers={"X-Request-Id": "a b;<script>"})
    assert forged.headers["X-Request-Id"] != "a b;<script>"


def test_a_quiet_level_hides_lesser_records(lines: io.StringIO) -> None:
    logs.configure("ERROR")
    structlog.get_logger("test").log(logging.WARNING, "nobody_reads_this")
    assert lines.getvalue() == ""
