"""What a person does in a browser, for tests without one."""

import re
from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mixillo.blueprints.dashboard.pages import PAGES
from mixillo.blueprints.dashboard.services.operators import Operator

# Every page of the registry, by its path.
PAGE_PATHS = tuple("/ops" + p.endpoint.replace("dashboard.overview", "").replace("dashboard.", "/") for p in PAGES)
PASSWORD = "correct horse battery 42"
MakeOperator = Callable[..., Operator]
Browse = Callable[..., FlaskClient]
Forward = Callable[[timedelta], None]


def csrf_of(page: TestResponse) -> str:
    """Return the token in the forms of ``page``."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD, target: str = "") -> TestResponse:
    """Fill in the sign-in form as a person would."""
    token = csrf_of(client.get("/ops/sign-in"))
    form = {"csrf_token": token, "username": username, "password": password, "next": target}
    return client.post("/ops/sign-in", data=form)


def cookie_of(client: FlaskClient) -> str:
    """Return the dashboard's cookie of ``client``."""
    cookie = client.get_cookie("mixillo_ops")
    assert cookie is not None
    return cookie.value
