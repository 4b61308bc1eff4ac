"""The time stands."""

import pytest

from mixillo.core import clock
from tests.ops.uptime.moments import NOW


@pytest.fixture(autouse=True)
def _stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
