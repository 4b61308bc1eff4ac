"""Ada, who asks about her data, and Bob, whose business that is not."""

from typing import Any

import pytest
from pymongo.database import Database

from tests.factories.users import make_user


@pytest.fixture
def ada(db: Database) -> dict[str, Any]:
    return make_user(db, username="ada", fullName="Ada Lovelace", bio="I count", phone="+44 20 7946 0000")
