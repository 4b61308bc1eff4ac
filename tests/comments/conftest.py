"""Ada who posts, Bob and Cleo who comment, an administrator; no words that an earlier test forbade."""

from typing import Any

import pytest
from pymongo.database import Database

from tests.factories.content import make_post

User = dict[str, Any]


@pytest.fixture
def post(db: Database, ada: User) -> dict[str, Any]:
    return make_post(db, ada)


@pytest.fixture
def path(post: dict[str, Any]) -> str:
    return f"/api/content/{post['_id']}/comments"
