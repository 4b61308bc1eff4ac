"""What a probe reports and decides does not stay, nor count."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.moderation import probing
from tests.factories.auth import client_of
from tests.factories.users import make_user
from tests.moderation.test_reporting import report


def test_the_probes_reports_cases_and_strikes_are_taken_back(
    app: Flask, as_bob: FlaskClient, db: Database, ops_db: Database, post: Any, ada: Any
) -> None:
    probe = make_user(db, role="admin")
    client = client_of(app, probe)
    report(as_bob, "content", post)
    for kind, thing in (("content", post), ("user", ada)):
        report(client, kind, thing)
    client.post(f"/api/moderation/users/{ada['_id']}/strikes", json={"reason": "spam"})
    with app.app_context():
        probing._remove(None, user_ids=[probe["_id"]], database=db, ops=ops_db)
    assert db["reports"].count_documents({}) == 1
    (case,) = db["moderationqueues"].find()
    assert (case["contentId"], case["reportCount"], len(case["reportedBy"])) == (post["_id"], 1, 1)
    assert db["strikes"].count_documents({}) == 0
    assert db["contents"].find_one({})["reportCount"] == 1
