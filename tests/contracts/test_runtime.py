"""The traps of the platform that we stand on, each held open by a test."""

import importlib.util
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo import create_app
from mixillo.blueprints.users.models import User
from mixillo.config import WORKERS, Settings
from mixillo.core import clock
from mixillo.extensions import socketio

ROOT = Path(__file__).parents[2]


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in an interpreter of its own, in the project's folder."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("worker", WORKERS)
def test_gunicorn_still_has_every_worker_that_we_offer(worker: str) -> None:
    module = {"eventlet": "geventlet", "gevent": "ggevent", "gthread": "gthread"}[worker]
    assert importlib.util.find_spec(f"gunicorn.workers.{module}")


def test_gunicorns_settings_import_nothing_that_should_be_patched() -> None:
    loaded = python(
        "import runpy, sys; runpy.run_path('gunicorn.conf.py');"
        "print([name for name in sys.modules if name.split('.')[0] in ('mixillo', 'pymongo', 'flask', 'redis')])"
    )
    assert loaded.stdout.strip() == "[]", loaded.stderr


def test_gunicorn_runs_one_worker_and_loads_the_application_in_it() -> None:
    settings = python("import runpy; s = runpy.run_path('gunicorn.conf.py'); print(s['workers'], s.get('preload_app'))")
    assert settings.stdout.split() == ["1", "None"]


def test_everything_is_patched_before_the_driver_is_imported() -> None:
    answer = python(
        "import os; os.environ.update(MONGODB_URI='mongodb://127.0.0.1:1/x', JWT_SECRET='a' * 40,"
        " JWT_REFRESH_SECRET='b' * 40); import wsgi, eventlet.patcher, pymongo.lock;"
        "print(eventlet.patcher.is_monkey_patched('socket'), pymongo.lock.threading.Lock().__class__.__module__)"
    )
    assert answer.stdout.split()[0] == "True", answer.stderr
    assert "_thread" not in answer.stdout.split()[1]


def test_a_process_without_its_secrets_ends_with_one_sentence() -> None:
    answer = python("import os; os.environ.pop('JWT_SECRET', None); import wsgi")
    assert answer.returncode == 3  # gunicorn gives up instead of trying again for ever
    assert "Traceback" not in answer.stderr
    assert "JWT_SECRET" in answer.stderr


def test_the_next_application_has_its_socket_handlers_too(settings: Settings, app: Flask) -> None:
    for _ in range(2):
        create_app(settings)
        assert {"/", "/ops"} <= set(socketio.server.namespace_handlers)


def test_moments_survive_the_database_unchanged(db: Database) -> None:
    moment = clock.now()
    db.moments.insert_one({"_id": 1, "at": moment})
    assert db.moments.find_one()["at"] == moment
    assert clock.timestamp(datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC)).endswith(".999Z")


def test_an_operator_in_place_of_a_text_matches_in_the_library_and_not_through_us(app: Flask, db: Database) -> None:
    User(username="ada", email="ada@example.com", password="x", fullName="Ada").save()
    assert User.objects(username={"$gt": ""}).count() == 1  # the trap
    answer = app.test_client().post("/api/auth/login", json={"identifier": {"$gt": ""}, "password": {"$gt": ""}})
    assert answer.status_code == 400


def test_a_document_never_builds_an_index_behind_the_operators_back(app: Flask, db: Database) -> None:
    before = db.users.index_information()
    User.ensure_indexes()
    User(username="bob", email="bob@example.com", password="x", fullName="Bob").save()
    assert db.users.index_information() == before
