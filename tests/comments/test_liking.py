"""Likes of comments: rows and counters are equal, whatever happens at once."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.comments.services import liking
from tests.factories.auth import client_of
from tests.factories.comments import counters_equal_rows, make_comment
from tests.factories.content import make_post
from tests.factories.users import make_user

User = dict[str, Any]


@pytest.fixture
def comment(db: Database, bob: User, post: dict[str, Any]) -> dict[str, Any]:
    return make_comment(db, bob, post)


@pytest.fixture
def at(comment: dict[str, Any]) -> str:
    return f"/api/comments/{comment['_id']}"


def test_a_like_is_a_toggle_and_a_deletion_is_not(as_ada: FlaskClient, db: Database, at: str) -> None:
    assert as_ada.post(f"{at}/like").json["data"] == {"isLiked": True, "likesCount": 1}
    shown = as_ada.get(at).json["data"]["comment"]
    assert (shown["isLiked"], shown["likesCount"], shown["likes"]) == (True, 1, 1)
    assert as_ada.post(f"{at}/like").json["data"] == {"isLiked": False, "likesCount": 0}
    for _ in range(2):
        assert as_ada.delete(f"{at}/like").json["data"] == {"isLiked": False, "likesCount": 0}
    counters_equal_rows(db)


def test_what_one_may_not_see_one_may_not_like(as_cleo: FlaskClient, db: Database, ada: User, bob: User) -> None:
    hidden, open_post = make_post(db, ada, visibility="private"), make_post(db, ada)
    blocked = make_comment(db, bob, open_post, status="blocked")
    for unseen in (make_comment(db, bob, hidden), blocked, make_comment(db, bob, open_post, blocked)):
        assert as_cleo.post(f"/api/comments/{unseen['_id']}/like").status_code == 404
    assert db["commentlikes"].count_documents({}) == 0


def test_a_like_that_cannot_be_counted_is_none(
    as_ada: FlaskClient, db: Database, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr(liking, "_count", fail)
    assert as_ada.post(f"{at}/like").status_code == 500
    assert db["commentlikes"].count_documents({}) == 0


def test_features_above_hear_of_likes_once(as_ada: FlaskClient, at: str, ada: User) -> None:
    heard: list[Any] = []

    def listen(_sender: Any, *, comment: Any, user_id: Any) -> None:
        heard.append((str(comment["_id"]) in at, user_id))

    liking.liked.connect(listen)
    for _ in range(2):
        as_ada.post(f"{at}/like")
    assert heard == [(True, ada["_id"])]


def test_a_storm_of_comments_likes_and_removals_ends_exact(app: Flask, db: Database, ada: User, bob: User) -> None:
    posts = [make_post(db, ada) for _ in range(2)]
    tops = [make_comment(db, bob, post) for post in posts for _ in range(2)]
    people = [make_user(db) for _ in range(6)]
    clients = [client_of(app, person) for person in people]
    admin = client_of(app, make_user(db, role="admin"))

    def storm(number: int) -> int:
        client, top = clients[number % 6], tops[number % 4]
        at = f"/api/comments/{top['_id']}"
        if number % 8 == 7:
            action = "approve" if number % 16 == 7 else "block"
            return admin.put(f"/api/comments/admin/{top['_id']}/{action}").status_code
        if number % 3 == 0:
            body = {"text": "Hi", "parentId": str(top["_id"])}
            return client.post(f"/api/content/{top['contentId']}/comments", json=body).status_code
        return (client.delete if number % 5 == 0 else client.post)(f"{at}/like").status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = set(pool.map(storm, range(240)))
    assert statuses <= {200, 201, 404}  # what is blocked at that moment is not there
    assert {200, 201} <= statuses
    counters_equal_rows(db)


@pytest.mark.usefixtures("on_other_instances")
def test_of_those_that_are_pinned_at_once_one_is(app: Flask, db: Database, ada: User, bob: User) -> None:
    post = make_post(db, ada)
    comments = [make_comment(db, bob, post) for _ in range(6)]
    clients = [client_of(app, ada) for _ in comments]

    def pin(number: int) -> int:
        return clients[number].post(f"/api/comments/{comments[number]['_id']}/pin").status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = set(pool.map(pin, range(6)))
    assert 200 in statuses
    assert statuses <= {200, 409}
    assert db["comments"].count_documents({"isPinned": True}) == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_counters_are_right_after_every_step(app: Flask, db: Database, ada: User, seed: int) -> None:
    dice, post = random.Random(seed), make_post(db, ada)
    people = [ada, *(make_user(db) for _ in range(2)), make_user(db, role="admin")]
    clients = [client_of(app, person) for person in people]
    said: list[str] = []

    def step() -> int:
        client, body = dice.choice(clients), {"text": "Hi"}
        if not said or dice.random() < 0.4:
            parent = {"parentId": dice.choice(said)} if said and dice.random() < 0.6 else {}
            answer = client.post(f"/api/content/{post['_id']}/comments", json=body | parent)
            if answer.status_code == 201:
                said.append(answer.json["data"]["comment"]["_id"])
            return answer.status_code
        at, admin = f"/api/comments/{dice.choice(said)}", clients[-1]
        judged = at.replace("comments", "comments/admin")
        ask, path = dice.choice([
            (client.delete, at), (client.put, at), (client.post, f"{at}/like"), (client.post, f"{at}/pin"),
            (admin.put, f"{judged}/block"), (admin.put, f"{judged}/approve"), (admin.put, f"{judged}/approve"),
        ])  # fmt: skip
        return ask(path, json=body if ask == client.put else None).status_code

    for _ in range(60):
        assert step() in (200, 201, 404)
        counters_equal_rows(db)
