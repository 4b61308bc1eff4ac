"""Una who would like to sell, and Ada who decides."""

from typing import Any

import pytest
from pymongo.database import Database

from tests.factories.users import make_user

Document = dict[str, Any]


@pytest.fixture
def una(db: Database) -> Document:
    """Somebody who buys, and would like to sell."""
    return make_user(db, fullName="Una Berg")


@pytest.fixture
def ada(db: Database) -> Document:
    """An administrator."""
    return make_user(db, role="admin")
