"""Every query about files is found by an index; looking where they are used reads everything, on purpose."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.uploads.queries import figures
from mixillo.blueprints.uploads.services import finishing, linking, sweeping
from mixillo.core import clock
from mixillo.core.db import OURS
from tests.factories.uploads import append, begin, fetched, photograph, send
from tests.plans import faults, profiled


@pytest.fixture
def many(db: Database, ada: dict[str, Any]) -> None:
    """Uploads of many people."""
    now = clock.now()
    rows = [
        {
            "_id": ObjectId(), "userId": ada["_id"] if n % 3 == 0 else ObjectId(), "fileKey": f"{n:022}",
            "filename": "a", "contentType": "image/jpeg", "status": "completed" if n % 2 else "pending",
            "storedIn": "gridfs", "createdAt": now - timedelta(minutes=n), "expiresAt": now + timedelta(days=n),
            "variants": [],
        }
        for n in range(90)
    ]  # fmt: skip
    db["uploadsessions"].insert_many(rows)


def test_reads_and_writes_use_indexes(
    app: Flask, client: FlaskClient, as_ada: FlaskClient, db: Database, ops_db: Database, many: None, ada: Any
) -> None:
    with profiled(db, ops_db) as entries:
        for path in ("/api/uploads?limit=5", "/api/uploads?limit=5&status=pending"):
            cursor = as_ada.get(path).json["data"]["pagination"]["nextCursor"]
            assert as_ada.get(f"{path}&cursor={cursor}").status_code == 200
        upload = send(as_ada, photograph()).json["data"]["upload"]
        path = begin(as_ada, 100).headers["Location"]
        assert append(as_ada, path, 0, b"ID3" + b"x" * 50).status_code == 204
        assert as_ada.head(path).status_code == 200
        assert fetched(client, upload["url"]).status_code == 200
        with app.app_context():
            linking.resolve(ada["_id"], [ObjectId(upload["_id"])])
            finishing.finish_forgotten()
            sweeping.sweep_strays()
            figures.kept()
        for each in (upload["_id"], path[-24:]):
            assert as_ada.delete(f"/api/uploads/{each}").status_code == 200
    assert len(entries) > 30
    assert faults(entries) == []


def test_only_looking_for_uses_reads_whole_collections(app: Flask, db: Database, ops_db: Database, many: None) -> None:
    db["contents"].insert_many([{"videoUrl": f"https://x.example/api/media/{n:022}.mp4"} for n in range(3)])
    with profiled(db, ops_db) as entries, app.app_context():
        sweeping.sweep(clock.now() + timedelta(days=200))
    looks = [entry for entry in entries if entry["command"].get("comment") == OURS]
    assert len(looks) > 20
    assert faults([entry for entry in entries if entry not in looks]) == []
