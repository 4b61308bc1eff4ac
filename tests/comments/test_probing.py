"""What a probe says, likes and sets does not stay."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.comments import probing
from mixillo.blueprints.comments.services import words
from tests.comments.test_writing import said
from tests.factories.auth import client_of
from tests.factories.comments import counters_equal_rows, make_comment
from tests.factories.users import make_user


def test_the_probes_comments_likes_and_words_are_taken_back(
    app: Flask, as_admin: FlaskClient, db: Database, ops_db: Database, bob: dict[str, Any], post: Any, path: str
) -> None:
    as_admin.put("/api/comments/admin/words", json={"blocked": ["theirs"]})
    there = make_comment(db, bob, post)
    probe = make_user(db, role="admin")
    client = client_of(app, probe)
    said(client, path, parentId=str(there["_id"]))
    client.post(f"/api/comments/{there['_id']}/like")
    client.put("/api/comments/admin/words", json={"blocked": ["probe"]})
    client.put("/api/comments/admin/words", json={"blocked": ["probe again"]})
    with app.app_context():
        probing._remove(None, user_ids=[probe["_id"]], database=db, ops=ops_db)
        assert words.lists()["blocked"] == ["theirs"]
    assert [comment["_id"] for comment in db["comments"].find()] == [there["_id"]]
    counters_equal_rows(db)
