"""Ada who posts, Bob and Cleo who report, two administrators and a superadmin."""

from typing import Any

import pytest
from pymongo.database import Database

from tests.factories.comments import make_comment
from tests.factories.content import make_post
from tests.factories.users import make_user

User = dict[str, Any]


@pytest.fixture
def ada(db: Database) -> User:
    return make_user(db, username="ada", videosCount=1)


@pytest.fixture
def post(db: Database, ada: User) -> dict[str, Any]:
    return make_post(db, ada)


@pytest.fixture
def comment(db: Database, ada: User, post: dict[str, Any]) -> dict[str, Any]:
    return make_comment(db, ada, post)
