"""Every error has the one body, whatever went wrong and wherever."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import errors
from werkzeug.test import TestResponse

from mixillo.core.json import MAX_DEPTH
from mixillo.errors import problem_types, slug

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "requestId", "success", "message"}


def assert_problem(answer: TestResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    assert set(answer.json) >= MEMBERS
    assert answer.json["status"] == status
    assert answer.json["success"] is False
    assert answer.json["requestId"] == answer.headers["X-Request-Id"]
    return answer.json


def test_an_unknown_path_is_a_404(client: FlaskClient) -> None:
    assert_problem(client.get("/api/nothing"), 404)


def test_a_wrong_method_is_a_405_that_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.delete("/api/health")
    assert_problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_a_body_that_is_not_json_is_a_415(client: FlaskClient) -> None:
    assert_problem(client.post("/api/auth/login", data="a=1", content_type="text/plain"), 415)


def test_a_body_over_the_limit_is_a_413(client: FlaskClient, app: Flask) -> None:
    body = b'{"identifier": "' + b"a" * app.config["MAX_CONTENT_LENGTH"] + b'"}'
    assert_problem(client.post("/api/auth/login", data=body, content_type="application/json"), 413)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"identifier": NaN}',
        b'{"identifier": Infinity}',
        b'{"identifier": "a", "identifier": "b"}',
        b'{"identifier": "\\ud800", "password": "x"}',
        b'{"a\\u0000b": 1}',
        b'{"identifier": 9223372036854775808}',
        b'{"identifier": ' + b"1" * 400 + b"}",
        b'{"identifier": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"identifier": ' + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b"}",
        b"[]",
        b"null",
        b'"text"',
        b'{"identifier": {"$gt": ""}, "password": {"$gt": ""}}',
        b'{"identifier": ["a"], "password": "x"}',
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_hostile_json_is_a_400_and_never_a_500(client: FlaskClient, body: bytes) -> None:
    assert_problem(client.post("/api/auth/login", data=body, content_type="application/json"), 400)


@pytest.mark.parametrize(
    "bad_id", ["1", "x" * 24, "64b7f3a2c9e77a0012ab34c", "%00", "$ne", "64b7f3a2c9e77a0012ab34cd0"]
)
def test_a_malformed_id_in_the_path_is_a_400(client: FlaskClient, bad_id: str) -> None:
    assert_problem(client.get(f"/api/users/{bad_id}"), 400)


def test_an_unexpected_exception_tells_nothing_but_the_request_id(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(app.view_functions, "health.health", explode)  # GET /api/health
    answer = app.test_client().get("/api/health")
    problem = assert_problem(answer, 500)
    assert "secret detail" not in json.dumps(problem)


@pytest.mark.parametrize(
    "error",
    [
        errors.ServerSelectionTimeoutError("no server"),
        errors.AutoReconnect("gone"),
        errors.WaitQueueTimeoutError("all connections are taken"),
        errors.NetworkTimeout("slow"),
        errors.ExecutionTimeout("too long"),
        errors.WTimeoutError("operation exceeded time limit", 50),
        errors.WriteConcernError("shutting down", 91, {"code": 91, "errorLabels": ["RetryableWriteError"]}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_database_that_does_not_answer_in_time_is_a_503(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: errors.PyMongoError
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setitem(app.view_functions, "health.health", fail)
    answer = app.test_client().get("/api/health")
    assert assert_problem(answer, 503)["code"] == "service_unavailable"
    assert answer.headers["Retry-After"]


def test_every_kind_of_problem_is_explained_at_its_type(app: Flask, client: FlaskClient) -> None:
    kinds = problem_types()
    assert len({slug(kind.code) for kind in kinds.values()}) == len(kinds)
    for name, kind in kinds.items():
        page = client.get(f"/problems/{name}")
        assert page.status_code == 200
        assert kind.code in page.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/api/users", "/api/nothing", "/ops/sign-in"])
def test_a_query_of_raw_bytes_is_a_400(client: FlaskClient, path: str) -> None:
    answer = client.get(path, environ_overrides={"QUERY_STRING": "q=\xff\xfe"})
    assert answer.status_code == 400
    assert client.get("/api/users", environ_overrides={"QUERY_STRING": "q=\xc3\xa9"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("DELETE", "/api/health", 405), ("GET", "/api/users/not-an-id", 400)],
)
def test_what_the_router_refuses_is_of_a_kind_that_is_explained(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    refused = assert_problem(client.open(path, method=method), status)
    kind = problem_types()[refused["type"].removeprefix("/problems/")]
    assert (refused["code"], refused["title"], refused["status"]) == (kind.code, kind.title, kind.status)


def test_a_page_of_the_dashboard_answers_errors_as_html(client: FlaskClient) -> None:
    answer = client.get("/ops/nothing-here")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
