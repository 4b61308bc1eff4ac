"""The probes over sockets: they pass where sockets do what they promise, and fail where these do not."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.auth import sockets as auth_sockets
from mixillo.blueprints.live.services import chatting
from mixillo.blueprints.notifications.services import telling
from mixillo.blueprints.registry import connect_probes
from mixillo.config import Settings
from mixillo.core import realtime
from mixillo.core.realtime import delivery
from mixillo.core.realtime.asking import CATALOGUE
from mixillo.ops.probes import ProbeRun, run
from mixillo.ops.probes.accounts import InDatabase
from mixillo.ops.probes.model import BLOCKED, DEGRADED, FAIL, PASS, SKIPPED
from mixillo.ops.probes.sockets import telling as told_by
from tests.ops.probes.conftest import serving, whole
from tests.ops.probes.digests import contents

Probe = Callable[..., ProbeRun]
TALKS = ["talk: connect", "talk: live stream", "talk: notification push"]


@pytest.fixture(scope="module")
def url(migrated_app: Flask, settings: Settings) -> Iterator[str]:
    """One server for the module."""
    with serving(whole(settings)) as address:
        yield address


@pytest.fixture
def probed(app: Flask, url: str, db: Database, ops_db: Database, monkeypatch: pytest.MonkeyPatch) -> Probe:
    """Talk to the server over sockets, with little patience for what does not come."""
    monkeypatch.setattr(told_by, "SECONDS", 1.5)
    connect_probes()

    def probe_sockets(**keywords: Any) -> ProbeRun:
        return run(url, **{"module": "sockets", "accounts": InDatabase(db, ops_db)} | keywords)

    return probe_sockets


def verdicts(found: ProbeRun) -> dict[str, str]:
    return {endpoint.name: endpoint.state for endpoint in found.endpoints if endpoint.name.startswith("talk")}


def faults(found: ProbeRun) -> list[tuple[str, str]]:
    return [(case.name, case.detail) for endpoint in found.endpoints for case in endpoint.cases if case.state == FAIL]


@pytest.mark.slow
def test_sockets_do_what_they_promise_and_nothing_stays(probed: Probe, db: Database, ops_db: Database) -> None:
    before = contents(db, ops_db)
    found = probed()
    assert faults(found) == []
    assert [module.name for module in found.modules] == ["sockets"]
    assert list(verdicts(found)) == TALKS
    assert set(verdicts(found).values()) <= {PASS, DEGRADED}
    assert found.rate == 100.0
    assert contents(db, ops_db) == before
    assert ops_db["roomevents"].count_documents({}) == 0
    assert not re.search(r"eyJ[\w-]+\.eyJ", str(found.as_dict()))


@pytest.mark.slow
def test_without_the_database_they_register_and_end_what_they_began(probed: Probe, db: Database) -> None:
    found = probed(accounts=None)
    assert faults(found) == []
    assert found.rate == 100.0
    assert db["livestreams"].distinct("status") == ["ended"]


def test_where_nothing_may_be_changed_only_connecting_is_tried(probed: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixillo.ops.probes.runner.PRODUCTION", "test")
    found = probed(accounts=None)
    states = {case.name: case.state for endpoint in found.endpoints for case in endpoint.cases}
    assert (states["no token"], states["bad token"], states["user, over WebSocket"]) == (PASS, PASS, BLOCKED)
    assert states["the host goes on the air"] == states["somebody is connected"] == SKIPPED


@pytest.mark.slow
def test_a_server_that_lets_everybody_in_fails(probed: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth_sockets, "_enter", lambda _token, _offsets: None)
    found = probed()
    assert ("bad token", "it was let in") in faults(found)
    assert verdicts(found)["talk: connect"] == FAIL


@pytest.mark.slow
def test_a_server_that_does_not_cut_who_has_signed_out_fails(probed: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime.manager.LocalManager, "basic_close_room", lambda *_arguments: None)
    assert ("signed out", "expected told, and cut, got told, but not cut") in faults(probed())


@pytest.mark.slow
def test_a_chat_that_nobody_hears_fails(probed: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chatting.realtime, "deliver", lambda _rows: None)
    monkeypatch.setattr(delivery.Deliveries, "look", lambda _self: None)
    assert ("who hears it", "live:message was not heard within 1.5 s") in faults(probed())


@pytest.mark.slow
def test_a_chat_that_is_heard_twice_fails(probed: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    send = delivery.Deliveries._tell

    def twice(self: Any, room: Any, rows: list[Any]) -> None:
        before = room.told
        send(self, room, rows)
        room.told = before
        send(self, room, rows)

    monkeypatch.setattr(delivery.Deliveries, "_tell", twice)
    assert ("who hears it", "expected both, once, got something else") in faults(probed())


@pytest.mark.slow
def test_who_comes_back_and_misses_something_fails(probed: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery.Deliveries, "_replay", lambda *_arguments: None)
    assert ("away, and back", "live:message was not heard within 1.5 s") in faults(probed())


@pytest.mark.slow
def test_an_acknowledgement_that_says_more_than_documented_fails(
    probed: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    say = CATALOGUE["live:chat"]
    monkeypatch.setattr(chatting, "say", _with(chatting.say, secret=1))
    assert say.answer is not None
    assert ("the viewer says something", "the acknowledgement of live:chat: secret is not declared") in faults(probed())


@pytest.mark.slow
def test_a_notification_that_is_only_stored_fails(probed: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "emit_to_user", lambda *_arguments: None)
    found = probed()
    assert [name for name, _ in faults(found)] == ["the notification"]
    assert verdicts(found)["talk: live stream"] in (PASS, DEGRADED)


def _with(work: Callable[..., dict[str, Any]], **more: Any) -> Callable[..., dict[str, Any]]:
    def done(*arguments: Any) -> dict[str, Any]:
        return work(*arguments) | more

    return done
