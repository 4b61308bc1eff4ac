"""Signing in to the dashboard: who gets in, for how long, and what a thief of a cookie or form gains."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo import create_app
from mixillo.blueprints.dashboard.services import sessions
from mixillo.config import PRODUCTION, Settings
from mixillo.core.ratelimits import Rate
from tests.dashboard.browsing import PASSWORD, Browse, Forward, MakeOperator, cookie_of, csrf_of, sign_in

STRONG = {"jwt_secret": "q7Wn2" * 8 + "xY", "jwt_refresh_secret": "b4Rt9" * 8 + "zU"}


def test_a_stranger_is_sent_to_the_sign_in_page_and_back_to_where_they_wanted(
    client: FlaskClient, operator: MakeOperator
) -> None:
    operator()
    asked = client.get("/ops/database?all-sort=name")
    assert asked.status_code == 303
    form = client.get(asked.location)
    assert 'value="/ops/database?all-sort=name"' in form.text
    assert sign_in(client, "amira", target="/ops/database?all-sort=name").location == "/ops/database?all-sort=name"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/ops", "//evil.example/ops", "/api/docs", "/ops\\@evil.example", "javascript:alert(1)", ""],
)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, operator: MakeOperator, target: str) -> None:
    operator()
    assert sign_in(client, "amira", target=target).location == "/ops"


def test_the_username_is_read_in_any_case(client: FlaskClient, operator: MakeOperator) -> None:
    operator()
    assert sign_in(client, "AMIRA").status_code == 303


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client: FlaskClient, operator: MakeOperator) -> None:
    operator()
    wrong, unknown = sign_in(client, "amira", "wrong"), sign_in(client, "nobody-here", "wrong")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    problem = "That name and password do not go together."
    assert problem in wrong.text
    assert problem in unknown.text


def test_a_disabled_operator_is_out_at_once(browser: Browse, ops_db: Database) -> None:
    client = browser()
    ops_db["operators"].update_one({}, {"$set": {"disabledAt": sessions.clock.now()}})
    assert client.get("/ops").status_code == 303
    assert sign_in(client, "amira").status_code == 401


def test_clients_of_the_api_at_the_same_address_keep_no_operator_from_signing_in(
    app: Flask, client: FlaskClient, operator: MakeOperator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator()
    monkeypatch.setitem(app.config, "RATE_LIMIT", Rate("default", 4, 86_400))
    assert [client.get("/api/users").status_code for _ in range(5)][-1] == 429
    assert sign_in(client, "amira").location == "/ops"


def test_ten_wrong_guesses_close_the_name_even_to_the_right_password(
    client: FlaskClient, operator: MakeOperator, forward: Forward
) -> None:
    operator()
    assert [sign_in(client, "amira", "wrong").status_code for _ in range(10)] == [401] * 10
    locked = sign_in(client, "Amira")
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 900
    assert "Too many requests" in locked.text
    forward(timedelta(minutes=15))
    assert sign_in(client, "amira").status_code == 303


def test_right_passwords_do_not_count_as_guesses(client: FlaskClient, operator: MakeOperator) -> None:
    operator(username="bilal")
    assert [sign_in(client.application.test_client(), "bilal").status_code for _ in range(12)] == [303] * 12


def test_the_cookie_of_before_signing_in_is_worth_nothing_afterwards(app: Flask, operator: MakeOperator) -> None:
    operator()
    victim, thief = app.test_client(), app.test_client()
    victim.get("/ops/sign-in")
    planted = cookie_of(victim)
    sign_in(victim, "amira")
    assert cookie_of(victim) != planted
    thief.set_cookie("mixillo_ops", planted)
    assert thief.get("/ops").status_code == 303


def test_the_database_holds_no_cookie(browser: Browse, ops_db: Database) -> None:
    cookie = cookie_of(browser())
    stored = ops_db["operatorsessions"].find_one()
    assert stored is not None
    assert cookie not in str(stored)
    assert stored["_id"] == sessions.identify(cookie)


def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(client: FlaskClient) -> None:
    header = client.get("/ops/sign-in").headers["Set-Cookie"]
    assert header.endswith("; HttpOnly; Path=/; SameSite=Strict")
    assert header.startswith("mixillo_ops=")


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(client: FlaskClient) -> None:
    header = client.get("/ops/sign-in", base_url="https://ops.example").headers["Set-Cookie"]
    assert header.startswith("__Host-mixillo_ops=")
    assert header.endswith("; Secure; HttpOnly; Path=/; SameSite=Strict")


def test_production_never_takes_the_plain_cookie(settings: Settings, browser: Browse, migrated_app: Flask) -> None:
    cookie = cookie_of(browser())
    production = create_app(
        Settings(environment=PRODUCTION, mongodb_uri=settings.mongodb_uri, worker="gthread", **STRONG)
    )
    client = production.test_client()
    client.set_cookie("mixillo_ops", cookie)
    assert client.get("/ops").status_code == 303
    page = client.get("/ops/sign-in")
    assert page.headers["Set-Cookie"].startswith("__Host-mixillo_ops=")
    assert "; Secure;" in page.headers["Set-Cookie"]
    assert "did not come over HTTPS" in page.text


def test_half_an_hour_without_a_click_signs_out(browser: Browse, forward: Forward) -> None:
    client = browser()
    forward(timedelta(minutes=29))
    assert client.get("/ops").status_code == 200
    forward(timedelta(minutes=29))
    assert client.get("/ops").status_code == 200
    forward(timedelta(minutes=31))
    assert client.get("/ops").status_code == 303


def test_cards_that_refresh_themselves_do_not_keep_an_empty_chair_signed_in(browser: Browse, forward: Forward) -> None:
    client = browser()
    live = {"HX-Request": "true", "X-Live": "vitals"}
    for _ in range(2):
        forward(timedelta(minutes=14))
        assert client.get("/ops", headers=live).status_code == 200
    forward(timedelta(minutes=3))
    assert client.get("/ops", headers=live).status_code == 401


def test_twelve_hours_sign_out_even_the_busiest(browser: Browse, forward: Forward) -> None:
    client = browser()
    for _ in range(35):
        forward(timedelta(minutes=20))
        assert client.get("/ops").status_code == 200
    forward(timedelta(minutes=21))
    assert client.get("/ops").status_code == 303


def test_signing_out_ends_the_session_itself(browser: Browse, ops_db: Database) -> None:
    client = browser()
    cookie = cookie_of(client)
    client.post("/ops/sign-out", data={"csrf_token": csrf_of(client.get("/ops"))})
    assert ops_db["operatorsessions"].count_documents({}) == 0
    client.set_cookie("mixillo_ops", cookie)
    assert client.get("/ops").status_code == 303


def test_a_link_from_another_site_opens_for_who_is_signed_in(client: FlaskClient) -> None:
    answer = client.get("/ops/database", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert answer.headers["Refresh"] == "0; url=/ops/sign-in?next=/ops/database"


def test_every_form_is_refused_without_its_token(browser: Browse, app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/ops") and "POST" in rule.methods]
    posts = {re.sub("<[^>]*>", "64b7f3a2c9e77a0012ab34cd", rule) for rule in rules}
    assert posts >= {"/ops/sign-in", "/ops/confirm", "/ops/sign-out", "/ops/setup"}
    client = browser()
    for path in posts:
        for token in ({}, {"csrf_token": "0" * 64}, {"csrf_token": "ü\ud800".encode("utf-8", "replace").decode()}):
            answer = client.post(path, data={"username": "amira", "password": PASSWORD} | token)
            assert (path, answer.status_code) == (path, 403)
    assert client.get("/ops").status_code == 200


def test_the_token_of_another_session_does_not_fit(app: Flask, browser: Browse) -> None:
    client, stranger = browser(), app.test_client()
    foreign = csrf_of(stranger.get("/ops/sign-in"))
    assert client.post("/ops/sign-out", data={"csrf_token": foreign}).status_code == 403


def test_the_token_may_come_in_a_header_as_htmx_sends_it(browser: Browse) -> None:
    client = browser()
    token = csrf_of(client.get("/ops"))
    assert client.post("/ops/sign-out", headers={"X-CSRF-Token": token}).status_code == 303


def test_every_step_is_in_the_audit_log(browser: Browse, ops_db: Database) -> None:
    client = browser()
    client.post("/ops/sign-out", data={"csrf_token": csrf_of(client.get("/ops"))})
    sign_in(client, "amira", "wrong")
    log = [(entry["action"], entry["actor"]["name"], entry["result"]) for entry in ops_db["auditlog"].find()]
    assert log == [
        ("operator.signed_in", "amira", "ok"),
        ("operator.signed_out", "amira", "ok"),
        ("operator.sign_in", "amira", "denied"),
    ]
    assert "wrong" not in str(list(ops_db["auditlog"].find()))
