"""A database with events, and the program that archives them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from pymongo.database import Database

from mixillo import create_app
from mixillo.cli import audit
from mixillo.config import Settings
from mixillo.core import clock
from mixillo.core import db as core_db
from mixillo.ops.archive import moving
from mixillo.ops.commands import OneSentence, Surroundings
from tests.ops.archive.events import EVENTS, NEW, OLD


@pytest.fixture
def database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database with old and new events, read in small batches."""
    monkeypatch.setattr(moving, "BATCH", 7)
    found = core_db.database()
    now = clock.now()
    ages = [*range(100, 100 + OLD), *range(NEW)]
    found[EVENTS].insert_many([{"n": n, "timestamp": now - timedelta(days=age)} for n, age in enumerate(ages)])
    found["useractivities"].insert_one({"timestamp": now})
    found["contents"].insert_one({"timestamp": now - timedelta(days=400)})
    return found


@pytest.fixture
def ops(app: Flask) -> Database:
    """The technical database, empty."""
    return core_db.ops_database()


@pytest.fixture
def run(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run ``mixillo db …`` as the program does, against the tests' database."""
    commands = ("indexes", "slow", "growth", "archive", "unarchive")
    group = OneSentence("mixillo", commands={name: getattr(audit, name) for name in commands})
    surroundings = Surroundings(create_app)
    monkeypatch.setitem(surroundings.__dict__, "settings", replace(settings))

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(group, arguments, input=typed, obj=surroundings)

    return run
