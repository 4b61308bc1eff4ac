"""Nothing that an earlier test left in memory."""

import pytest
from flask import Flask

from mixillo.blueprints.products.services import viewing
from mixillo.blueprints.products.services.search import keeping, recording
from mixillo.blueprints.products.services.search.mongo import MongoEngine


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    """Figures of the test before are forgotten, and so is that the search was built."""
    app.extensions[keeping.EXTENSION].__init__(app, MongoEngine())
    recording.terms_of(app).__init__()
    viewing.looks_of(app).forget()
