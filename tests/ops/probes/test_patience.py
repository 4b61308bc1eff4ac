"""Rate limits are waited for, within bounds."""

from collections.abc import Callable

import pytest
from flask import Response

from mixillo.ops.probes.model import BLOCKED, PASS, ProbeRun
from mixillo.ops.probes.runner import Limits
from tests.ops.probes.speaker import Speaker

Probe = Callable[..., ProbeRun]


def limited(speaker: Speaker, name: str, *, times: int, retry_after: str) -> None:
    left = [times]

    def fault(response: Response) -> Response:
        left[0] -= 1
        return response if left[0] < 0 else Response(status=429, headers={"Retry-After": retry_after})

    speaker.faults[name] = fault


def test_a_rate_limit_is_waited_for(probe: Probe, speaker: Speaker) -> None:
    waited: list[float] = []
    limited(speaker, "GET /api/users", times=2, retry_after="7")
    users = probe(sleep=waited.append).modules[-2].endpoints[0]
    assert (users.name, users.state) == ("GET /api/users", PASS)
    assert waited[:2] == [7, 7]


@pytest.mark.parametrize("retry_after", ["61", "3600", "99999999999999999999"])
def test_a_rate_limit_that_asks_for_too_much_blocks_and_does_not_fail(
    probe: Probe, speaker: Speaker, retry_after: str
) -> None:
    limited(speaker, "GET /api/users", times=100, retry_after=retry_after)
    users = probe(sleep=pytest.fail).modules[-2].endpoints[0]
    assert users.state == BLOCKED
    assert users.cases[0].detail.startswith("the rate limit asks to wait ")


def test_all_waiting_together_is_bounded(probe: Probe, speaker: Speaker) -> None:
    waited: list[float] = []
    limited(speaker, "GET /api/users", times=100, retry_after="7")
    users = probe(limits=Limits(waiting=20), sleep=waited.append).modules[-2].endpoints[0]
    assert (users.state, waited) == (BLOCKED, [7, 7])


@pytest.mark.parametrize("retry_after", ["", "soon", "-5", "Wed, 21 Oct 2026 07:28:00 GMT", "²"])
def test_a_rate_limit_that_names_no_seconds_is_waited_for_a_second(
    probe: Probe, speaker: Speaker, retry_after: str
) -> None:
    waited: list[float] = []
    limited(speaker, "GET /health", times=1, retry_after=retry_after)
    probe(module="health", sleep=waited.append)
    assert waited == [1]


def test_who_watches_is_told_what_is_waited_for(probe: Probe, speaker: Speaker) -> None:
    told: list[str] = []
    limited(speaker, "GET /api/users", times=1, retry_after="7")
    probe(progress=lambda _done, _total, label: told.append(label), sleep=lambda _seconds: None)
    assert "GET /api/users: no token (waiting 7 s for the rate limit)" in told


def test_a_list_that_the_rate_limit_withholds_is_not_taken_for_empty(probe: Probe, speaker: Speaker) -> None:
    limited(speaker, "GET /api/notes", times=100, retry_after="3600")
    endpoints = {e.name: e for module in probe().modules for e in module.endpoints}
    reading = next(case for case in endpoints["GET /api/notes/{note_id}"].cases if case.proves)
    assert (reading.state, reading.detail) == (BLOCKED, "the rate limit asks to wait 3600 s")
