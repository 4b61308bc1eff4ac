"""What probes are told they send back; what is made with a code gets a new one; codes of mails are not to be had."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from flask import Response, request

from mixillo.ops.probes.model import BLOCKED, FAIL, PASS, ProbeRun
from tests.ops.probes.contract import DOCUMENT, body, operation, shape
from tests.ops.probes.reading import case
from tests.ops.probes.speaker import Speaker

Probe = Callable[..., ProbeRun]
HEADER = {"name": "X-Note-Token", "in": "header", "schema": {"type": "string"}}


def document(**changes: Any) -> Any:
    changed = deepcopy(DOCUMENT)
    changed["paths"]["/api/notes"]["post"] |= changes
    return changed


def test_a_header_that_an_answer_gives_is_sent_from_then_on(probe: Probe, speaker: Speaker) -> None:
    speaker.document = document(parameters=[HEADER])
    sent: list[str | None] = []

    def tell(response: Response) -> Response:
        sent.append(request.headers.get("X-Note-Token"))
        response.headers["X-Note-Token"] = "told" if response.status_code == 201 else ""
        return response

    speaker.faults["POST /api/notes"] = tell
    found = case(probe(), "POST /api/notes", "user")
    assert found.state == PASS
    assert sent[-1] == "told"
    assert sent[0] is None


def test_a_code_is_new_where_something_is_made_with_it(probe: Probe, speaker: Speaker) -> None:
    speaker.document = document(**body({"text": "buy", "code": "A-1"}, "text"))
    sent: list[Any] = []

    def look(response: Response) -> Response:
        sent.append(request.get_json(silent=True))
        return response

    speaker.faults["POST /api/notes"] = look
    probe()
    codes = [each.get("code") for each in sent if isinstance(each, dict)]
    assert any(code and code.startswith("probe-") for code in codes)


def test_a_thing_is_found_by_the_last_word_of_its_name(probe: Probe, speaker: Speaker) -> None:
    changed = deepcopy(DOCUMENT)
    named = body({"stickyNoteId": "a" * 24}, "stickyNoteId")
    changed["paths"]["/api/reminders"] = {"post": operation("notes", shape({}), refused=(404,), **named)}
    speaker.document = changed
    found = case(probe(), "POST /api/reminders", "user")
    assert found.actual == 404  # asked, though there is no such thing here
    assert (found.state, "more than an account that registers" in found.detail) == (BLOCKED, True)


def test_a_refusal_that_is_not_documented_is_none_that_more_would_help(probe: Probe, speaker: Speaker) -> None:
    changed = deepcopy(DOCUMENT)
    changed["paths"]["/api/reminders"] = {"post": operation("notes", shape({}), **body({"text": "a"}, "text"))}
    speaker.document = changed
    assert case(probe(), "POST /api/reminders", "user").state == FAIL


def test_a_code_to_sign_in_with_came_by_mail(probe: Probe, speaker: Speaker) -> None:
    changed = deepcopy(DOCUMENT)
    described = shape({"token": {"type": "string"}, "refreshToken": {"type": "string"}})
    changed["paths"]["/api/auth/refresh"]["post"] |= body({"code": "123456"}, "code") | {"x": described}
    speaker.document = changed
    assert case(probe(), "POST /api/auth/refresh", "no token").state == BLOCKED
