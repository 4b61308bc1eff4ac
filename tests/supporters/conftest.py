"""A supporter with coins, a creator, an administrator, and nothing kept from the test before."""

from typing import Any

import pytest
from pymongo.database import Database

from tests.factories.users import make_user
from tests.factories.wallets import give


@pytest.fixture
def ada(db: Database) -> dict[str, Any]:
    """Somebody with 100,000 coins that were a present."""
    user = make_user(db)
    give(user["_id"], 100_000)
    return user
