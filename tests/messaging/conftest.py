"""Ada and Bob, who have written to each other; Eve, who has not; and sockets."""

from typing import Any

import pytest
from pymongo.database import Database

from tests.factories.messaging import make_talk

User = dict[str, Any]


@pytest.fixture
def talk(db: Database, ada: User, bob: User) -> dict[str, Any]:
    return make_talk(db, ada, bob)
