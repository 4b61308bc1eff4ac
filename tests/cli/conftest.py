"""Running commands in this process, over the mongod of the test worker."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database

from mixillo.cli import main
from mixillo.ops.mongod import Mongod

Mixillo = Callable[..., Result]


@pytest.fixture
def mixillo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mongod: Mongod, database: Database) -> Mixillo:
    """Run ``mixillo(*arguments)`` over an empty database."""
    monkeypatch.setenv("MIXILLO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MONGODB_URI", mongod.uri_of(database.name))
    return lambda *arguments, **keywords: CliRunner().invoke(main, arguments, **keywords)
