"""A lock whose database goes away."""

from pathlib import Path

import structlog
from pymongo import MongoClient

from mixillo.ops import locks
from mixillo.ops.mongod import Mongod


def test_a_lock_is_released_without_its_database_and_the_log_says_so(mongod: Mongod, tmp_path: Path) -> None:
    own = Mongod(tmp_path, mongod.program)
    own.start(is_shared=False)
    client: MongoClient = MongoClient(own.uri, serverSelectionTimeoutMS=300, socketTimeoutMS=300)
    try:
        with client, structlog.testing.capture_logs() as lines, locks.held(client["mixillo_ops"], "work"):
            own.stop()
    finally:
        own.stop()
    (line,) = lines
    assert (line["event"], line["lock"]) == ("lock_not_released", "work")
    assert line["log_level"] == "info", "a command whose disk is full says one sentence, which is not this one"
