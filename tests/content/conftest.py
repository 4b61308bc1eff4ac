"""Ada who posts, Bob who looks, an administrator; nothing that an earlier test left in memory."""

import pytest
from flask import Flask

from mixillo.blueprints.content.services import showing, viewing


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    """Figures of the test before are forgotten."""
    viewing.looks_of(app).forget()
    showing.shown_of(app).__init__()
