"""Every query about posts is found by an index, in the order that it is answered in."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.content.services import composing, setup, showing, viewing
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.users import make_follow, make_user
from tests.plans import faults, profiled

READS = [
    "/api/content?limit=3", "/api/content?limit=3&type=video", "/api/content?limit=3&sortBy=viewsCount",
    "/api/content?limit=3&hashtag=clay", "/api/content?limit=3&userId={ada}", "/api/content/hashtag/clay?limit=3",
    "/api/content/user/{ada}?limit=3", "/api/content/mine?limit=3", "/api/content/mine?status=draft",
    "/api/content/scheduled", "/api/content/saved?limit=3", "/api/content/saved?collection=default",
    "/api/content/liked?limit=3", "/api/content/following?limit=3", "/api/content/{post}",
    "/api/content/{post}/interactions", "/api/content/trending", "/api/feed/trending?period=7d",
    "/api/feed?limit=3", "/api/feed/for-you?limit=3",
]  # fmt: skip


@pytest.fixture
def world(app: Flask, db: Database, ada: dict[str, Any], bob: dict[str, Any]) -> dict[str, Any]:
    """Posts of some people, followed and liked by Bob."""
    authors = [ada, *(make_user(db) for _ in range(5)), bob]
    for author in authors[:-1]:
        make_follow(db, bob, author)
    posts = [make_post(db, authors[n % 7], hashtags=["clay"], viewsCount=n) for n in range(60)]
    for n in range(4):
        make_post(db, bob, status="draft", publishedAt=None, scheduledFor=clock.now() + timedelta(hours=n + 1))
    client = client_of(app, bob)
    for post in posts[:30]:
        client.post(f"/api/content/{post['_id']}/like")
        client.post(f"/api/content/{post['_id']}/save")
    with app.app_context():
        setup.reckon_when_due()
    return {"ada": ada["_id"], "post": posts[0]["_id"]}


@pytest.mark.parametrize("path", READS)
def test_reads_use_indexes(
    app: Flask, as_bob: FlaskClient, db: Database, ops_db: Database, world: dict[str, Any], path: str
) -> None:
    path = path.format(**world)
    app.extensions["kept"].forget()
    with profiled(db, ops_db) as entries:
        answer = as_bob.get(path)
        cursor = (answer.json["data"].get("pagination") or {}).get("nextCursor")
        if cursor:
            assert as_bob.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}").status_code == 200
    assert answer.status_code == 200
    assert entries
    assert faults(entries) == []


def test_writes_use_indexes(
    app: Flask, as_bob: FlaskClient, db: Database, ops_db: Database, world: dict[str, Any]
) -> None:
    at = f"/api/content/{world['post']}"
    with profiled(db, ops_db) as entries:
        body = {"caption": "With @ada #clay", "videoUrl": "https://x.io/a.mp4"}
        made = as_bob.post("/api/content", json=body).json["data"]["content"]["_id"]
        for method, path, json in (
            ("put", f"/api/content/{made}", {"caption": "x"}), ("delete", f"/api/content/{made}", None),
            ("post", f"/api/content/{made}/restore", None), ("post", f"{at}/like", None), ("post", f"{at}/save", None),
            ("post", f"{at}/share", {}), ("post", f"{at}/view", {}), ("post", f"{at}/not-interested", None),
            ("delete", f"{at}/not-interested", None), ("delete", f"{at}/save", None),
        ):  # fmt: skip
            assert getattr(as_bob, method)(path, json=json).status_code == 200, (method, path)
        with app.app_context():
            viewing.looks_of(app).count()
            showing.shown_of(app).write()
            composing.publish_due(clock.now() + timedelta(days=1))
    assert len(entries) > 40
    assert faults(entries) == []


def test_the_last_page_costs_what_the_first_does(as_bob: FlaskClient, db: Database, ada: dict[str, Any]) -> None:
    for _ in range(300):
        make_post(db, ada)
    path = "/api/content?limit=20&total=false"
    cursor = ""
    for _ in range(12):
        cursor = as_bob.get(f"{path}{cursor and f'&cursor={cursor}'}").json["data"]["pagination"]["nextCursor"]
    with profiled(db) as entries:
        as_bob.get(f"{path}&cursor={cursor}")
    (read,) = [entry for entry in entries if entry["ns"].endswith(".contents")]
    assert read["docsExamined"] <= 25
