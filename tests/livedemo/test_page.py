"""The demo page: there to try things, and not in production; it fills shelves that are empty, and only these."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.config import PRODUCTION, TEST
from tests.factories.gifts import make_gift


def serve(app: Flask, monkeypatch: pytest.MonkeyPatch, environment: str, live_demo: bool | None) -> FlaskClient:
    settings = replace(app.config["SETTINGS"], environment=environment, live_demo=live_demo)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    return app.test_client()


def test_it_is_there_to_try_things_with_a_strict_policy(client: FlaskClient) -> None:
    answer = client.get("/live-demo")
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'nonce-" in policy
    assert not re.search(r"<script(?![^>]*\bnonce=)|<style|\sstyle=|\son\w+=|https?://", answer.text)
    for path in set(re.findall(r'(?:src|href)="(/(?:static|ops/assets)/[^"]+)"', answer.text)):
        with client.get(path) as file:
            assert file.status_code == 200, path


@pytest.mark.parametrize(
    ("environment", "live_demo", "status"),
    [(PRODUCTION, None, 404), (PRODUCTION, True, 200), (TEST, None, 200), (TEST, False, 404)],
)
def test_in_production_it_is_not_there_unless_a_setting_says_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch, environment: str, live_demo: bool | None, status: int
) -> None:
    client = serve(app, monkeypatch, environment, live_demo)
    assert client.get("/live-demo").status_code == status


def test_in_production_it_fills_no_shelves(app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert serve(app, monkeypatch, PRODUCTION, True).post("/live-demo/stock").status_code == 404
    assert db["gifts"].count_documents({}) == db["coinpackages"].count_documents({}) == 0


def test_empty_shelves_are_filled_once(client: FlaskClient, db: Database) -> None:
    assert client.post("/live-demo/stock").json == {"gifts": 4, "packages": 1}
    assert client.post("/live-demo/stock").json == {"gifts": 0, "packages": 0}
    gifts = client.get("/api/gifts").json["data"]["gifts"]
    assert [(gift["name"], gift["price"]) for gift in gifts] == [
        ("Rose", 10), ("Coffee", 25), ("Fireworks", 100), ("Castle", 500),
    ]  # fmt: skip
    (package,) = client.get("/api/coins/packages").json["data"]["packages"]
    assert (package["coins"], package["price"]) == (500, 4.99)


def test_what_somebody_sells_stays_as_it_is(client: FlaskClient, db: Database) -> None:
    make_gift(db)
    assert client.post("/live-demo/stock").json == {"gifts": 0, "packages": 1}
    assert db["gifts"].count_documents({}) == 1
