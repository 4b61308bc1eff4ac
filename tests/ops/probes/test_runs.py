"""A run goes through whole stories, changes nothing in production, and spoils nothing for itself."""

from collections.abc import Callable

from flask import Response

from mixillo.ops.probes.model import BLOCKED, FAIL, PASS, SKIPPED, ProbeRun
from tests.ops.probes.reading import case, endpoint, failing
from tests.ops.probes.speaker import Speaker

Probe = Callable[..., ProbeRun]


def test_a_session_that_outlives_its_end_is_found_by_the_scenario(probe: Probe, speaker: Speaker) -> None:
    def forget_nothing(response: Response) -> Response:
        speaker.tokens |= kept
        return response

    kept: dict[str, str] = {}

    def remember(response: Response) -> Response:
        kept.update(speaker.tokens)
        return response

    speaker.faults["POST /api/auth/refresh"] = remember
    speaker.faults["POST /api/auth/logout"] = forget_nothing
    found = case(probe(), "scenario: register → sign in → refresh → sign out", "signed out means signed out")
    assert (found.state, found.expected, found.actual) == (FAIL, "401", 200)


def test_somebody_elses_account_is_found_by_the_scenario(probe: Probe, speaker: Speaker) -> None:
    speaker.break_answer("GET /api/auth/me", **{"user.username": "mallory"})
    found = case(probe(), "scenario: register → sign in → refresh → sign out", "who am I, as signed in")
    assert found.detail == "data.user.username is not what it was"


def test_a_story_ends_where_it_breaks(probe: Probe, speaker: Speaker) -> None:
    speaker.faults["POST /api/auth/refresh"] = lambda _response: Response(status=500)
    story = endpoint(probe(), "scenario: register → sign in → refresh → sign out")
    states = [c.state for c in story.cases]
    assert states == [PASS] * 5 + [FAIL] + [BLOCKED] * 4
    assert story.cases[-1].detail == "“refresh” did not work"


def test_a_list_that_is_empty_although_something_was_made_fails(probe: Probe, speaker: Speaker) -> None:
    speaker.break_answer("GET /api/users", users=[])
    found = case(probe(), "GET /api/users", "no token")
    assert (found.state, found.detail) == (FAIL, "the list is empty, although there is something to list")


def test_an_empty_list_is_no_proof(probe: Probe, speaker: Speaker) -> None:
    paths = {path: item for path, item in speaker.document["paths"].items() if not path.startswith("/api/notes")}
    listing = {"/api/notes": {"get": speaker.document["paths"]["/api/notes"]["get"]}}
    speaker.document = speaker.document | {"paths": paths | listing}
    run = probe()
    assert case(run, "GET /api/notes", "user").state == BLOCKED
    assert endpoint(run, "GET /api/notes").state == BLOCKED
    assert run.rate == 100.0


def test_without_an_account_of_its_role_an_endpoint_is_blocked_and_not_passed(probe: Probe) -> None:
    run = probe(tokens={})
    figures = endpoint(run, "GET /api/admin/figures")
    assert [c.state for c in figures.cases] == [PASS, PASS, PASS, BLOCKED]
    assert figures.state == BLOCKED
    assert figures.cases[-1].detail == "no account of the role admin: it takes a token, or the database"


def test_in_production_nothing_is_changed(probe: Probe, speaker: Speaker) -> None:
    speaker.environment = "production"
    run = probe()
    assert {request.partition(" ")[0] for request in speaker.requests} == {"GET"}
    assert endpoint(run, "POST /api/notes").state == SKIPPED
    assert speaker.users == {}
    assert run.rate == 100.0


def test_in_production_changes_are_made_when_asked_for(probe: Probe, speaker: Speaker) -> None:
    speaker.environment = "production"
    run = probe(unsafe=True)
    assert endpoint(run, "POST /api/notes").state == PASS


def test_a_server_that_does_not_say_where_it_is_counts_as_production(probe: Probe, speaker: Speaker) -> None:
    speaker.faults["GET /health"] = lambda _response: Response("<h1>up</h1>", mimetype="text/html")
    run = probe()
    assert not run.unsafe
    assert run.notes == ["/health does not say where this is, so it was treated like production."]
    assert speaker.users == {}


def test_a_new_endpoint_is_probed_without_being_listed(probe: Probe, speaker: Speaker) -> None:
    wanted = {"tags": ["new"], "responses": {"200": {"content": {}}}, "security": [{"bearer": []}]}
    speaker.document = speaker.document | {"paths": speaker.document["paths"] | {"/api/new": {"get": wanted}}}
    run = probe()
    assert [c.actual for c in endpoint(run, "GET /api/new").cases] == [404, 404, 404]
    assert endpoint(run, "GET /api/new").state == FAIL


def test_an_ended_session_does_not_spoil_later_probes(probe: Probe, speaker: Speaker) -> None:
    run = probe()
    order = [request for request in speaker.requests if request in ("POST /api/auth/logout", "POST /api/notes")]
    assert order.index("POST /api/auth/logout") < order.index("POST /api/notes")
    assert endpoint(run, "POST /api/notes").state == PASS


def test_a_closed_account_is_replaced_for_later_probes(probe: Probe, speaker: Speaker) -> None:
    run = probe()
    assert endpoint(run, "POST /api/auth/close").state == PASS
    assert endpoint(run, "POST /api/notes").state == PASS
    assert speaker.requests.index("POST /api/auth/close") < speaker.requests.index("POST /api/notes")


def test_what_a_probe_has_removed_is_not_asked_for_again(probe: Probe, speaker: Speaker) -> None:
    removing = {"delete": speaker.document["paths"]["/api/notes/{note_id}"]["delete"]}
    paths = speaker.document["paths"] | {"/api/notes/{note_id}/forever": removing}
    speaker.document = speaker.document | {"paths": paths}
    run = probe()
    assert failing(run) == set()
    assert endpoint(run, "DELETE /api/notes/{note_id}/forever").state == PASS
    assert case(run, "DELETE /api/notes/{note_id}", "user").state == BLOCKED


def test_progress_is_told_case_by_case(probe: Probe) -> None:
    told: list[tuple[int, int, str]] = []
    run = probe(module="health", progress=lambda *step: told.append(step))
    assert told == [(0, 1, "GET /health: no token"), (1, 1, "done")]
    assert [m.name for m in run.modules] == ["health"]
