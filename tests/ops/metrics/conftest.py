"""Noon, the technical database, and what stores counts in it."""

from typing import Any

import pytest
from pymongo.database import Database

from mixillo.config import Settings
from mixillo.core import clock
from mixillo.ops import metrics
from mixillo.ops.metrics.recording import Recorder
from tests.ops.metrics.counting import NOON, ONE, Clock


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock(NOON)
    monkeypatch.setattr(clock, "now", stopped)
    return stopped


@pytest.fixture
def ops(ops_db: Database) -> Database:
    """The technical database, empty but for its indexes."""
    return ops_db


@pytest.fixture
def flusher(ops: Database, settings: Settings) -> tuple[Recorder, Any]:
    """A recorder and what stores its counts in ``ops``."""
    recorder = Recorder()
    introduction = metrics.hooks.revisions.introduce(settings)
    return recorder, metrics.flushing.Flusher(recorder, lambda: ops, ONE, introduction)
