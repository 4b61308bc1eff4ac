"""Every query about comments is found by an index, in the order that it is answered in."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.comments import make_comment
from tests.factories.content import make_post
from tests.factories.users import make_user
from tests.plans import faults, profiled

READS = [
    "/api/content/{post}/comments?limit=3", "/api/content/{post}/comments?limit=3&sortBy=top",
    "/api/content/{post}/comments?limit=3&sortBy=oldest", "/api/comments?limit=3", "/api/comments?userId={bob}&limit=3",
    "/api/comments/{comment}", "/api/comments/{comment}/replies?limit=3",
]  # fmt: skip
ADMIN_READS = [
    f"/api/comments/admin/all?limit=3{query}"
    for query in ("", "&status=pending", "&status=reported", "&userId={bob}", "&contentId={post}", "&search=comment")
] + ["/api/comments/admin/stats", "/api/comments/admin/words"]


@pytest.fixture
def world(app: Flask, db: Database, ada: dict[str, Any], bob: dict[str, Any]) -> dict[str, Any]:
    posts = [make_post(db, ada) for _ in range(3)]
    people = [bob, *(make_user(db) for _ in range(5))]
    statuses = ("approved", "approved", "approved", "pending", "blocked")
    comments = [
        make_comment(db, people[n % 6], posts[n % 3], status=statuses[n % 5], isReported=n % 4 == 0) for n in range(60)
    ]
    for _ in range(8):
        make_comment(db, bob, posts[0], comments[0])
    return {"post": posts[0]["_id"], "bob": bob["_id"], "comment": comments[0]["_id"]}


def test_reads_use_indexes(
    as_cleo: FlaskClient, as_admin: FlaskClient, db: Database, ops_db: Database, world: dict[str, Any]
) -> None:
    for path in READS:
        read_by_index(as_cleo, db, ops_db, path.format(**world))
    for path in ADMIN_READS:
        read_by_index(as_admin, db, ops_db, path.format(**world))


def read_by_index(client: FlaskClient, db: Database, ops_db: Database, path: str) -> None:
    with profiled(db, ops_db) as entries:
        answer = client.get(path)
        cursor = (answer.json["data"].get("pagination") or {}).get("nextCursor")
        if cursor:
            assert client.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}").status_code == 200
    assert answer.status_code == 200, path
    assert entries
    assert faults(entries) == [], path


def test_writes_use_indexes(
    as_ada: FlaskClient, as_bob: FlaskClient, as_admin: FlaskClient, db: Database, ops_db: Database, world: Any
) -> None:
    below = f"/api/content/{world['post']}/comments"
    with profiled(db, ops_db) as entries:
        made = as_bob.post(below, json={"text": "Hi @ada"}).json["data"]["comment"]["_id"]
        at, judged = f"/api/comments/{made}", f"/api/comments/admin/{made}"
        for client, method, path, json in (
            (as_bob, "put", at, {"text": "Hi @bob"}), (as_bob, "post", f"{at}/like", None),
            (as_bob, "delete", f"{at}/like", None), (as_ada, "post", f"{at}/pin", None),
            (as_ada, "delete", f"{at}/pin", None), (as_admin, "put", f"{judged}/block", None),
            (as_admin, "put", f"{judged}/approve", None), (as_bob, "delete", at, None),
            (as_admin, "put", "/api/comments/admin/words", {"hidden": []}),
        ):  # fmt: skip
            assert getattr(client, method)(path, json=json).status_code == 200, (method, path)
    assert len(entries) > 30
    assert faults(entries) == []


def test_the_last_page_costs_what_the_first_does(
    client: FlaskClient, db: Database, bob: dict[str, Any], post: dict[str, Any], path: str
) -> None:
    for _ in range(200):
        make_comment(db, bob, post)
    cursor = ""
    for _ in range(8):
        more = f"{path}?limit=20&total=false{cursor and f'&cursor={cursor}'}"
        cursor = client.get(more).json["data"]["pagination"]["nextCursor"]
    with profiled(db) as entries:
        client.get(f"{path}?limit=20&total=false&cursor={cursor}")
    (read,) = [entry for entry in entries if entry["ns"].endswith(".comments")]
    assert read["docsExamined"] <= 25
