"""Ada who shows something, Bob who follows her, an administrator."""

from typing import Any

import pytest
from pymongo.database import Database

from mixillo.core import realtime
from tests.factories.users import make_follow, make_user

User = dict[str, Any]
Emitted = list[tuple[str, Any, str]]


@pytest.fixture
def bob(db: Database, ada: User) -> User:
    made = make_user(db, username="bob")
    make_follow(db, made, ada)
    return made


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> Emitted:
    """What sockets are told: event, payload, room."""
    heard: Emitted = []
    monkeypatch.setattr(
        realtime.socketio, "emit", lambda name, payload, *, to, **_more: heard.append((name, payload, to))
    )
    return heard
