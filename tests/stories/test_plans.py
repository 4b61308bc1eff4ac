"""Every query about stories is found by an index, in the order that it is answered in; viewers move to rows."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.stories.services import sweeping
from mixillo.core import clock
from mixillo.ops import migrations
from tests.factories.stories import make_story
from tests.factories.users import make_follow, make_user
from tests.plans import faults, profiled

PATH = "/api/stories"
User = dict[str, Any]
READS = [
    "", "/mine", "/user/{ada}", "/{story}", "/highlights", "/highlights/user/{ada}", "/close-friends",
]  # fmt: skip


@pytest.fixture
def world(db: Database, as_ada: FlaskClient, as_bob: FlaskClient, ada: User, bob: User) -> dict[str, Any]:
    """Stories of many people whom Bob follows, some seen; each has highlights and close friends."""
    authors = [ada, bob, *(make_user(db) for _ in range(20))]
    for author in authors[2:]:
        make_follow(db, bob, author)
    stories = [make_story(db, author) for author in authors for _ in range(3)]
    for client, story in ((as_ada, stories[0]), (as_bob, stories[3])):
        for number in range(4):
            body = {"title": f"Number {number}", "storyIds": [str(story["_id"])]}
            assert client.post(f"{PATH}/highlights", json=body).status_code == 201
    for author in authors[2:6]:
        as_bob.post(f"{PATH}/close-friends", json={"userId": str(author["_id"])})
    for story in stories[:3]:
        as_bob.post(f"{PATH}/{story['_id']}/view")
    return {"ada": ada["_id"], "story": stories[0]["_id"], "stories": stories}


@pytest.mark.parametrize("path", READS)
def test_reads_use_indexes(
    as_bob: FlaskClient, db: Database, ops_db: Database, world: dict[str, Any], path: str
) -> None:
    with profiled(db, ops_db) as entries:
        answer = as_bob.get(f"{PATH}{path.format(**world)}?limit=2")
        if cursor := (answer.json["data"].get("pagination") or {}).get("nextCursor"):
            assert as_bob.get(f"{PATH}{path.format(**world)}?limit=2&cursor={cursor}").status_code == 200
    assert answer.status_code == 200
    assert entries
    assert faults(entries) == []


def test_administration_uses_indexes(
    as_admin: FlaskClient, as_ada: FlaskClient, db: Database, ops_db: Database, world: dict[str, Any]
) -> None:
    with profiled(db, ops_db) as entries:
        for path in ("/admin/all", f"/admin/all?userId={world['ada']}", "/admin/cleanup/stats"):
            assert as_admin.get(f"{PATH}{path}").status_code == 200
        as_ada.get(f"{PATH}/{world['story']}/viewers?limit=1")
        sweeping.sweep(clock.now() + timedelta(days=2))
    assert len(entries) > 10
    assert faults(entries) == []


def test_writes_use_indexes(
    as_bob: FlaskClient, as_ada: FlaskClient, db: Database, ops_db: Database, world: dict[str, Any]
) -> None:
    with profiled(db, ops_db) as entries:
        body = {"type": "image", "mediaUrl": "https://x.io/a.jpg", "visibility": "close"}
        made = as_bob.post(PATH, json=body).json["data"]["story"]["_id"]
        as_bob.post(f"{PATH}/{world['stories'][6]['_id']}/view")
        as_bob.post(f"{PATH}/close-friends", json={"userId": str(world["ada"])})
        as_bob.delete(f"{PATH}/close-friends/{world['ada']}")
        kept = as_bob.post(f"{PATH}/highlights", json={"title": "x", "storyIds": [made]}).json["data"]["highlight"]
        as_bob.put(f"{PATH}/highlights/{kept['_id']}", json={"title": "y", "add": [made]})
        as_bob.delete(f"{PATH}/highlights/{kept['_id']}")
        as_bob.delete(f"{PATH}/{made}")
    assert len(entries) > 30
    assert faults(entries) == []


def test_viewers_in_documents_become_rows_once(app: Flask, db: Database, ops_db: Database, ada: User) -> None:
    (name,) = [each.name for each in migrations.discover() if each.name.partition("_")[2] == "stories"]
    migration: Any = import_module(f"migrations.{name}")
    seen = [{"userId": ObjectId(), "viewedAt": clock.now()} for _ in range(3)]
    story = make_story(db, ada, viewers=[*seen, seen[0]], viewsCount=9)
    make_story(db, ada, viewers=[])
    for _ in range(2):
        migration.upgrade(db, ops_db)
    stored = db["stories"].find_one({"_id": story["_id"]})
    assert (stored["viewsCount"], "viewers" in stored) == (3, False)
    assert db["storyviews"].distinct("userId") == sorted(each["userId"] for each in seen)
