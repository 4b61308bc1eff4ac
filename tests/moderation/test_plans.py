"""Every query about reports, cases and strikes is found by an index, in the order that it is answered in."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.moderation.services import standing, striking
from mixillo.core import clock
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.users import make_user
from tests.moderation.test_reporting import report
from tests.plans import faults, profiled

User = dict[str, Any]
READS = [
    "/queue?limit=3", "/queue?limit=3&status=all", "/queue?limit=3&priority=low", "/queue?limit=3&contentType=content",
    "/stats", "/reports?limit=3", "/reports?limit=3&status=pending&type=content", "/reports?reportedId={post}",
    "/reports?reportedUserId={ada}&limit=3", "/strikes?limit=3", "/strikes?userId={eve}&limit=3", "/strikes/mine",
]  # fmt: skip


def world(app: Flask, db: Database, ada: User, as_admin: FlaskClient) -> dict[str, Any]:
    posts = [make_post(db, ada) for _ in range(12)]
    clients = [client_of(app, make_user(db)) for _ in range(4)]
    for number, post in enumerate(posts):
        for client in clients[: number % 4 + 1]:
            report(client, "content", post, ("spam", "violence")[number % 2])
    eve = make_user(db)
    for _ in range(8):
        as_admin.post(f"/api/moderation/users/{eve['_id']}/strikes", json={"reason": "spam"})
    return {"post": posts[0]["_id"], "ada": ada["_id"], "eve": eve["_id"]}


def test_reads_and_writes_use_indexes(
    app: Flask, as_admin: FlaskClient, as_bob: FlaskClient, db: Database, ops_db: Database, ada: User
) -> None:
    named = world(app, db, ada, as_admin)
    report(as_bob, "user", make_user(db))
    for path in [f"/api/moderation{path.format(**named)}" for path in READS] + ["/api/reports/my?limit=3"]:
        client = as_bob if "/reports/my" in path else as_admin
        with profiled(db, ops_db) as entries:
            answer = client.get(path)
            cursor = (answer.json["data"].get("pagination") or {}).get("nextCursor")
            if cursor:
                assert client.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}").status_code == 200
        assert answer.status_code == 200, path
        assert entries
        assert faults(entries) == [], path
    case = as_admin.get("/api/moderation/queue").json["data"]["queue"][0]
    with profiled(db, ops_db) as entries:
        assert report(as_bob, "content", {"_id": named["post"]}).status_code == 201
        at = f"/api/moderation/queue/{case['_id']}"
        assert as_admin.put(f"{at}/take").status_code == 200
        assert as_admin.put(f"{at}/reject", json={"reason": "spam", "actionTaken": "account_banned"}).status_code == 200
        with app.app_context():
            standing.end_suspensions(clock.now() + timedelta(days=30))
            striking.forget_old_ones(clock.now() + timedelta(days=100))
    assert len(entries) > 20
    assert faults(entries) == []
