"""Each kind of fault, planted in a server that speaks the contract, is found and told in words."""

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Response

from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS, ProbeRun
from mixillo.ops.probes.runner import Limits
from tests.ops.probes.reading import case, endpoint, failing
from tests.ops.probes.speaker import Speaker

Probe = Callable[..., ProbeRun]


def test_a_server_that_keeps_its_contract_passes_everything(probe: Probe) -> None:
    run = probe()
    assert failing(run) == set()
    assert {e.name: e.state for e in run.endpoints if e.state != PASS} == {}
    assert run.rate == 100.0
    assert (run.environment, run.version, run.revision) == ("test", "1.2.3", "rev-7")


def test_every_kind_of_case_is_derived(probe: Probe) -> None:
    run = probe()

    def names(name: str) -> list[str]:
        return [c.name for c in endpoint(run, name).cases]

    assert names("GET /api/auth/me") == ["no token", "bad token", "user"]
    assert names("GET /api/admin/figures") == ["no token", "bad token", "user", "admin"]
    assert names("GET /api/notes/{note_id}") == [
        "no token",
        "bad token",
        "other user",
        "user",
        "malformed note_id",
        "unknown note_id",
    ]
    assert names("GET /api/notes") == ["no token", "bad token", "user", "limit too small"]
    assert names("POST /api/notes") == ["no token", "bad token", "user", "without text", "unknown field"]
    assert names("GET /api/users/{user_id}") == ["no token", "malformed user_id", "unknown user_id"]


def test_a_wrong_status_is_found(probe: Probe, speaker: Speaker) -> None:
    def teapot(response: Response) -> Response:
        response.status_code = 418
        return response

    speaker.faults["GET /api/users"] = teapot
    found = case(probe(), "GET /api/users", "no token")
    assert (found.state, found.expected, found.actual) == (FAIL, "200", 418)
    assert "expected 200, got 418" in found.detail
    assert "not documented" in found.detail


def test_another_success_than_the_documented_one_is_found(probe: Probe, speaker: Speaker) -> None:
    def created(response: Response) -> Response:
        response.status_code = 201
        return response

    speaker.faults["GET /api/users"] = created
    assert case(probe(), "GET /api/users", "no token").state == FAIL


def test_an_undeclared_field_is_found(probe: Probe, speaker: Speaker) -> None:
    speaker.break_answer("GET /api/auth/me", **{"user.email": "ada@example.com"})
    run = probe()
    found = case(run, "GET /api/auth/me", "user")
    assert (found.state, found.detail) == (FAIL, "data.user.email is not declared")
    assert "ada@example.com" not in str(run.as_dict())


def test_an_undeclared_field_is_found_where_the_schema_says_nothing_about_others(
    probe: Probe, speaker: Speaker
) -> None:
    user = {k: v for k, v in speaker.document["components"]["schemas"]["User"].items() if k != "additionalProperties"}
    schemas = speaker.document["components"]["schemas"] | {"User": user}
    speaker.document = speaker.document | {"components": {"schemas": schemas}}
    speaker.break_answer("GET /api/auth/me", **{"user.password": "hash"})
    assert case(probe(), "GET /api/auth/me", "user").detail == "data.user.password is not declared"


def test_a_missing_field_is_found(probe: Probe, speaker: Speaker) -> None:
    speaker.break_answer("GET /api/auth/me", **{"user.age": None})
    assert case(probe(), "GET /api/auth/me", "user").detail == "data.user.age is missing"


def test_a_wrong_type_is_found(probe: Probe, speaker: Speaker) -> None:
    speaker.break_answer("GET /api/auth/me", **{"user.age": "36"})
    assert case(probe(), "GET /api/auth/me", "user").detail == "data.user.age should be integer and is string"


def test_a_moment_without_its_zone_is_found(probe: Probe, speaker: Speaker) -> None:
    speaker.break_answer("POST /api/notes", **{"note.createdAt": "2026-01-31T12:00:00"})
    assert case(probe(), "POST /api/notes", "user").detail == "data.note.createdAt breaks its format (date-time)"


def test_a_missing_check_of_the_token_is_found(probe: Probe, speaker: Speaker) -> None:
    speaker.open.add("GET /api/auth/me")
    run = probe()
    assert {("GET /api/auth/me", "no token"), ("GET /api/auth/me", "bad token")} <= failing(run)
    assert case(run, "GET /api/auth/me", "no token").actual == 200


def test_a_missing_check_of_the_role_is_found(probe: Probe, speaker: Speaker) -> None:
    speaker.open.add("GET /api/admin/figures")
    assert ("GET /api/admin/figures", "user") in failing(probe())


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_missing_check_of_the_owner_is_found(probe: Probe, speaker: Speaker, method: str) -> None:
    speaker.everybodys.add(f"{method} /api/notes/{{note_id}}")
    found = case(probe(), f"{method} /api/notes/{{note_id}}", "other user")
    assert (found.state, found.expected, found.actual) == (FAIL, "403 or 404", 200)


def test_a_500_is_found(probe: Probe, speaker: Speaker) -> None:
    speaker.faults["GET /api/users/{user_id}"] = lambda _response: Response("Internal Server Error", 500)
    found = case(probe(), "GET /api/users/{user_id}", "no token")
    assert (found.state, found.actual) == (FAIL, 500)


def test_a_page_in_the_place_of_json_is_found(probe: Probe, speaker: Speaker) -> None:
    speaker.faults["GET /api/users"] = lambda _response: Response("<h1>Hello</h1>", mimetype="text/html")
    assert case(probe(), "GET /api/users", "no token").detail == "expected application/json, got text/html"


@pytest.mark.parametrize("text", ["{", "", '{"data": NaN}', "[" * 100_000, b"\xff\xfe\xfd"])
def test_what_is_not_json_is_found(probe: Probe, speaker: Speaker, text: str | bytes) -> None:
    speaker.faults["GET /api/users"] = lambda _response: Response(text, mimetype="application/json")
    assert case(probe(), "GET /api/users", "no token").detail == "the body is not JSON"


def test_a_redirect_is_a_wrong_status_and_not_followed(probe: Probe, speaker: Speaker) -> None:
    def elsewhere(_response: Response) -> Response:
        return Response(status=302, headers={"Location": "/api/users/elsewhere"})

    speaker.faults["GET /api/users"] = elsewhere
    assert case(probe(), "GET /api/users", "no token").actual == 302
    assert speaker.requests.count("GET None") == 1  # the document of live events, of which it has none


def test_an_error_that_is_no_problem_object_is_found(probe: Probe, speaker: Speaker) -> None:
    def plain(response: Response) -> Response:
        if response.status_code == 401:
            response.mimetype = "application/json"
        return response

    speaker.faults["GET /api/auth/me"] = plain
    assert case(probe(), "GET /api/auth/me", "no token").detail == (
        "expected application/problem+json, got application/json"
    )


def test_a_problem_that_speaks_of_another_status_is_found(probe: Probe, speaker: Speaker) -> None:
    def other(response: Response) -> Response:
        if response.status_code == 401:
            response.set_data('{"status": 403, "code": "x", "detail": "y"}')
        return response

    speaker.faults["GET /api/auth/me"] = other
    assert case(probe(), "GET /api/auth/me", "no token").detail == "status in the body is 403"


def test_a_refusal_that_does_not_name_the_field_is_found(probe: Probe, speaker: Speaker) -> None:
    def silent(response: Response) -> Response:
        if response.status_code == 400:
            response.set_data('{"status": 400, "code": "x", "detail": "y", "errors": [{"field": "username"}]}')
        return response

    speaker.faults["POST /api/auth/register"] = silent
    found = case(probe(), "POST /api/auth/register", "without email, fullName, password, username")
    assert found.state == FAIL
    assert "the error does not name fullName" in found.detail


def test_an_unknown_field_that_is_swallowed_is_found(probe: Probe, speaker: Speaker) -> None:
    speaker.faults["POST /api/notes"] = lambda response: Response(
        '{"success": true, "data": {"note": {}}}', 201, mimetype="application/json"
    )
    assert ("POST /api/notes", "unknown field") in failing(probe())


def test_an_answer_that_is_right_but_slow_is_degraded_and_counts_as_passing(probe: Probe, speaker: Speaker) -> None:
    pause = threading.Event()

    def slow(response: Response) -> Response:
        pause.wait(0.15)
        return response

    speaker.faults["GET /health"] = slow
    run = probe(module="health")
    found = case(run, "GET /health", "no token")
    assert (found.state, found.target_ms) == (DEGRADED, 100)
    assert found.ms is not None
    assert found.ms > 100
    assert endpoint(run, "GET /health").state == DEGRADED
    assert run.rate == 100.0


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What hanging views wait for; set when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_a_hanging_endpoint_is_found_and_asked_once_only(
    probe: Probe, speaker: Speaker, release: threading.Event
) -> None:
    def hang(response: Response) -> Response:
        release.wait(30)
        return response

    speaker.faults["GET /api/notes/{note_id}"] = hang
    run = probe(limits=Limits(request=0.5))
    hanging = endpoint(run, "GET /api/notes/{note_id}")
    assert hanging.state == FAIL
    assert [c.state for c in hanging.cases] == [FAIL] + [BLOCKED] * 5
    assert hanging.cases[0].detail == "no complete answer within 0.5 s"
    assert [e.name for e in run.endpoints if e.state == FAIL] == ["GET /api/notes/{note_id}"]
