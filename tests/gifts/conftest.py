"""A sender with coins, and somebody to give something to."""

from typing import Any

import pytest
from pymongo.database import Database

from tests.factories.users import make_user
from tests.factories.wallets import give


@pytest.fixture
def ada(db: Database) -> dict[str, Any]:
    """Somebody with 1,000 coins."""
    user = make_user(db)
    give(user["_id"], 1_000)
    return user


@pytest.fixture
def bob(db: Database) -> dict[str, Any]:
    """Somebody without."""
    return make_user(db)
