"""A checker is believed when it signs, in time, once."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo import create_app
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops.uptime import checks, uptime
from tests.ops.uptime.moments import NOW, at

SECRET = "checker-" + "s" * 40


@pytest.fixture
def checker(settings: Settings, db: Database) -> FlaskClient:
    """A client of an application that believes a checker."""
    return create_app(Settings(**(vars(settings) | {"checker_secret": SECRET}))).test_client()


def posted(*results: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"checker": "eu", "results": list(results)} | more).encode()


def result(**more: Any) -> dict[str, Any]:
    return {"at": clock.timestamp(at(59)), "up": True, "status": 200, "ms": 41.5} | more


def post(client: FlaskClient, body: bytes, headers: dict[str, str]) -> Any:
    return client.post("/api/ops/checks", data=body, content_type="application/json", headers=headers)


def test_a_signed_result_counts(checker: FlaskClient, ops_db: Database) -> None:
    body = posted(result(), result(at=clock.timestamp(at(40)), up=False, status=None, detail="refused"))
    answer = post(checker, body, checks.sign(SECRET, NOW, body))
    assert answer.status_code == 202
    assert answer.json["data"] == {"accepted": 2}
    found = uptime(ops_db, "1h")
    assert found.minutes["up"] == 1
    assert found.incidents[0].detail == "refused"


def test_a_forged_post_is_refused(checker: FlaskClient, ops_db: Database) -> None:
    body = posted(result())
    genuine = checks.sign(SECRET, NOW, body)
    forgeries = [
        {},
        checks.sign("another-secret", NOW, body),
        {**genuine, checks.SIGNATURE: genuine[checks.SIGNATURE][:-1] + "x"},
        {**genuine, checks.SIGNATURE: genuine[checks.SIGNATURE].removeprefix("sha256=")},
        {**genuine, checks.TIMESTAMP: str(int(NOW.timestamp()) + 1)},
        {**genuine, checks.TIMESTAMP: ""},
        {checks.SIGNATURE: genuine[checks.SIGNATURE]},
    ]
    for headers in forgeries:
        answer = post(checker, body, headers)
        assert (answer.status_code, answer.json["code"]) == (401, "bad_signature"), headers
    changed = posted(result(up=False))
    assert post(checker, changed, genuine).status_code == 401
    assert ops_db["checks"].count_documents({}) == 0


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_a_late_or_early_post_is_refused(checker: FlaskClient, ops_db: Database, seconds: int) -> None:
    body = posted(result())
    answer = post(checker, body, checks.sign(SECRET, NOW + timedelta(seconds=seconds), body))
    assert answer.status_code == 401
    assert ops_db["checks"].count_documents({}) == 0


def test_a_signature_is_remembered_for_as_long_as_its_timestamp_is_accepted(ops_db: Database) -> None:
    remembered = ops_db["checkposts"].index_information()["at_1"]["expireAfterSeconds"]
    assert remembered >= 2 * checks.TOLERANCE.total_seconds()


def test_a_replayed_post_is_refused(checker: FlaskClient, ops_db: Database) -> None:
    body = posted(result())
    headers = checks.sign(SECRET, NOW, body)
    assert post(checker, body, headers).status_code == 202
    again = post(checker, body, headers)
    assert (again.status_code, again.json["code"]) == (409, "replayed")


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "2026-01-01T00:00:00Z"},
        {"at": "2026-03-04T13:00:00Z"},
        {"at": "2026-03-04T11:00:00"},
        {"up": "yes"},
        {"status": 42},
        {"surprise": 1},
    ],
)
def test_unusable_results_are_refused_and_nothing_is_stored(
    checker: FlaskClient, ops_db: Database, wrong: dict[str, Any]
) -> None:
    body = posted(result(), result(**wrong))
    answer = post(checker, body, checks.sign(SECRET, NOW, body))
    assert answer.status_code == 400
    assert ops_db["checks"].count_documents({}) == 0
    assert ops_db["checkposts"].count_documents({}) == 0


def test_without_a_secret_there_is_no_such_endpoint(app: Flask, client: FlaskClient) -> None:
    body = posted(result())
    assert post(client, body, checks.sign("", NOW, body)).status_code == 404
