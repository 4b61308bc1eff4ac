"""Giving the password again: what it opens, for how long, and what a stolen cookie gains without it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from mixillo.blueprints.dashboard.access import operator_required
from mixillo.blueprints.dashboard.reauthentication import recently_confirmed
from tests.dashboard.browsing import PASSWORD, Browse, Forward, csrf_of

QUARTER = timedelta(minutes=15)


@pytest.fixture
def dangerous(app: Flask) -> Iterator[list[str]]:
    """A dangerous view in the place of signing out, with the form of the overview; tells what was done."""
    done: list[str] = []

    @operator_required("admin")
    @recently_confirmed
    def do() -> str:
        done.append("done")
        return "done"

    before = app.view_functions["dashboard.sign_out"]
    app.view_functions["dashboard.sign_out"] = do
    yield done
    app.view_functions["dashboard.sign_out"] = before


def endanger(client: FlaskClient, **headers: str) -> TestResponse:
    """Send the dangerous form from the Database page."""
    headers.setdefault("Referer", "http://localhost/ops/database?all-sort=name")
    return client.post("/ops/sign-out", data={"csrf_token": csrf_of(client.get("/ops"))}, headers=headers)


def give(client: FlaskClient, password: str, target: str = "") -> TestResponse:
    """Fill in the form that asks for the password."""
    token = csrf_of(client.get("/ops/confirm"))
    return client.post("/ops/confirm", data={"csrf_token": token, "password": password, "next": target})


def test_signing_in_is_a_confirmation(browser: Browse, dangerous: list[str]) -> None:
    assert endanger(browser()).text == "done"
    assert dangerous == ["done"]


def test_after_a_quarter_of_an_hour_the_password_is_asked_for_and_one_is_back_where_one_was(
    browser: Browse, dangerous: list[str], forward: Forward
) -> None:
    client = browser()
    forward(QUARTER)
    asked = endanger(client)
    assert asked.status_code == 303
    assert dangerous == []
    form = client.get(asked.location)
    assert 'value="/ops/database?all-sort=name"' in form.text
    assert 'value="amira"' in form.text
    answer = give(client, PASSWORD, "/ops/database?all-sort=name")
    assert (answer.status_code, answer.location) == (303, "/ops/database?all-sort=name")
    assert endanger(client).text == "done"


def test_a_confirmation_ends_after_a_quarter_of_an_hour_too(
    browser: Browse, dangerous: list[str], forward: Forward
) -> None:
    client = browser()
    forward(QUARTER)
    give(client, PASSWORD)
    forward(QUARTER - timedelta(seconds=1))
    assert endanger(client).text == "done"
    forward(timedelta(seconds=1))
    assert endanger(client).status_code == 303


def test_a_wrong_password_opens_nothing(browser: Browse, dangerous: list[str], forward: Forward) -> None:
    client = browser()
    forward(QUARTER)
    answer = give(client, "wrong")
    assert answer.status_code == 401
    assert "That is not your password." in answer.text
    assert endanger(client).status_code == 303
    assert dangerous == []


def test_guesses_with_a_stolen_cookie_count_like_those_at_the_sign_in_page(
    browser: Browse, forward: Forward, ops_db: Database
) -> None:
    client = browser()
    forward(QUARTER)
    assert [give(client, "wrong").status_code for _ in range(10)] == [401] * 10
    assert give(client, PASSWORD).status_code == 429
    told = [entry["result"] for entry in ops_db["auditlog"].find({"action": "operator.confirm"})]
    assert told.count("denied") == 10


def test_one_session_does_not_confirm_another(
    app: Flask, browser: Browse, dangerous: list[str], forward: Forward
) -> None:
    first, second = browser(), browser(username="bilal")
    forward(QUARTER)
    give(first, PASSWORD)
    assert endanger(second).status_code == 303
    assert endanger(first).text == "done"


@pytest.mark.parametrize("page", ["https://evil.example/ops/database", "http://localhost/api/docs", ""])
def test_confirming_never_leads_elsewhere(browser: Browse, dangerous: list[str], forward: Forward, page: str) -> None:
    client = browser()
    forward(QUARTER)
    assert endanger(client, Referer=page).location == "/ops/confirm?next=/ops"
    assert give(client, PASSWORD, page).location == "/ops"


def test_a_fragment_is_refused_in_words_and_does_not_sign_out(
    browser: Browse, dangerous: list[str], forward: Forward
) -> None:
    client = browser()
    forward(QUARTER)
    answer = endanger(client, **{"HX-Request": "true"})
    assert answer.status_code == 403
    assert "Reload the page and confirm with your password first." in answer.text


def test_a_session_from_before_this_revision_counts_from_its_sign_in(
    browser: Browse, dangerous: list[str], forward: Forward, ops_db: Database
) -> None:
    client = browser()
    ops_db["operatorsessions"].update_many({}, {"$unset": {"confirmedAt": ""}})
    assert endanger(client).text == "done"
    forward(QUARTER)
    assert endanger(client).status_code == 303
