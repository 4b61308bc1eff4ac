"""Ada who is told, Bob and others who do something, an administrator; an empty desk."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from mixillo.blueprints.notifications.services import desk
from mixillo.core import realtime

User = dict[str, Any]
Emitted = list[tuple[str, Any, str]]


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    """What the test before has left in memory is forgotten."""
    desk.desk_of(app).forget()


@pytest.fixture
def told(app: Flask) -> Callable[[], int]:
    """Tell what waits at the desk; return how many news that were."""
    return desk.desk_of(app).write


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> Emitted:
    """What sockets are told: event, payload, room."""
    heard: Emitted = []
    emit = realtime.socketio.emit

    def listen(name: str, payload: Any, *, to: str, **more: Any) -> None:
        heard.append((name, payload, to))
        emit(name, payload, to=to, **more)

    monkeypatch.setattr(realtime.socketio, "emit", listen)
    return heard
