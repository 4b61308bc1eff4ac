"""Two instances, as Cloud Run would run them: what one ends, the other cuts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from pymongo.database import Database

from mixillo.config import Settings
from tests.factories.auth import make_session
from tests.factories.users import make_user
from tests.instances import serving_many
from tests.sockets import Socket
from tests.waiting import wait_until


@pytest.fixture
def instances(settings: Settings, db: Database, tmp_path: Path) -> Iterator[list[str]]:
    with serving_many(settings, tmp_path) as started:
        yield started.urls


def test_a_session_that_ends_on_one_instance_is_cut_on_the_other(
    app: Flask, db: Database, instances: list[str]
) -> None:
    ada = make_user(db)
    ended, kept = make_session(app, ada)[1]["token"], make_session(app, ada)[1]["token"]
    first, second = Socket(instances[1], {"token": ended}), Socket(instances[1], {"token": kept})
    assert first.is_open
    headers = {"Authorization": f"Bearer {ended}"}
    assert requests.post(f"{instances[0]}/api/auth/logout", headers=headers, timeout=5).ok
    wait_until(lambda: not first.is_open, seconds=1.0)
    assert first.told("session:ended") == [{"code": "logged_out"}]
    assert second.is_open
    first.close()
    second.close()
