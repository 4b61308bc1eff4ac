"""Every query about streams is found by an index, in the order that it is answered in."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from mixillo.blueprints.live.services import chatting, hosting, settling, timeouts, watching
from mixillo.blueprints.live.services.tally import tally
from mixillo.core import clock
from mixillo.core.security import Viewer
from mixillo.ops import migrations
from tests.factories.live import make_stream, stored
from tests.factories.products import make_product, make_store
from tests.factories.users import make_follow, make_user
from tests.live.conftest import Document
from tests.plans import faults, profiled

READS = [
    "", "?status=ended", "/scheduled", "/mine", "/mine?status=live", "/{_id}", "/{_id}/messages", "/{_id}/products",
    "/{_id}/bans", "/providers",
]  # fmt: skip


@pytest.fixture
def world(app: Flask, db: Database, ada: Document, bob: Document, stream: Document) -> Document:
    """Streams of every state of many hosts; in Ada's there are people, lines and products."""
    now = clock.now()
    for number in range(30):
        host = make_user(db)
        make_follow(db, host, ada)
        states = ("live", "paused", "starting", "scheduled", "ended")
        make_stream(db, host, status=states[number % 5], scheduledFor=now + timedelta(hours=number + 1))
        make_stream(db, host, status="ended")
    for _ in range(3):
        make_stream(db, ada, status="ended")
    watching.see(stream["_id"], [ObjectId() for _ in range(20)] + [bob["_id"]])
    with app.test_request_context():
        for number in range(8):
            chatting.say(Viewer(bob["_id"], "bob", "user", None), stream["_id"], str(number), str(number))
    db["streamproviders"].insert_many([{"name": name, "enabled": True, "priority": 1} for name in ("agora", "webrtc")])
    return stream


@pytest.mark.parametrize("path", READS)
def test_reads_use_indexes(as_ada: FlaskClient, db: Database, ops_db: Database, world: Document, path: str) -> None:
    address = f"/api/live{path.format(**world)}"
    address += "&limit=2" if "?" in address else "?limit=2"
    with profiled(db, ops_db) as entries:
        answer = as_ada.get(address)
        if cursor := (answer.json["data"].get("pagination") or {}).get("nextCursor"):
            assert as_ada.get(f"{address}&cursor={cursor}").status_code == 200
    assert answer.status_code == 200
    assert entries
    assert faults(entries) == []


def test_administration_uses_indexes(as_admin: FlaskClient, db: Database, ops_db: Database, world: Document) -> None:
    queries = ("", "?status=live", "?search=ada", f"?search={world['streamId']}", f"?search={world['_id']}")
    with profiled(db, ops_db) as entries:
        for query in queries:
            assert as_admin.get(f"/api/livestreams/admin/all{query}").status_code == 200
        as_admin.get("/api/livestreams/admin/stats")
        as_admin.put(f"/api/livestreams/admin/{world['streamId']}/feature", json={"featured": True})
        as_admin.delete(f"/api/livestreams/admin/{world['streamId']}")
    assert len(entries) > 20
    assert faults(entries) == []


def test_what_is_done_uses_indexes(
    app: Flask, as_ada: FlaskClient, as_bob: FlaskClient, db: Database, ops_db: Database, ada: Document, bob: Document,
    world: Document,
) -> None:  # fmt: skip
    path = f"/api/live/{world['_id']}"
    product = {"productId": str(make_product(db, make_store(db, ada))["_id"])}
    line = str(db["livemessages"].find_one()["_id"])
    with profiled(db, ops_db) as entries:
        for action in ("join", "like", "leave"):
            assert as_bob.post(f"{path}/{action}", json={}).status_code == 200
        tally.write()
        with app.test_request_context():
            chatting.say(Viewer(bob["_id"], "bob", "user", None), world["_id"], "Hello", "again")
        as_ada.put(f"{path}/pin", json={"messageId": line})
        as_ada.delete(f"{path}/messages/{line}")
        as_ada.patch(f"{path}/settings", json={"slowModeSeconds": 3})
        assert as_ada.post(f"{path}/products", json=product).status_code == 201
        for what in ("mutes", "kicks", "bans"):
            assert as_ada.post(f"{path}/{what}", json={"userId": str(bob["_id"])}).status_code == 201
        as_ada.post(f"{path}/pause")
        as_ada.post(f"{path}/resume")
        assert as_ada.post(f"{path}/end", json={}).status_code == 200
        begun = as_ada.post("/api/live/start", json={"title": "Again", "provider": "webrtc"})
        assert begun.status_code == 201
    assert len(entries) > 60
    assert faults(entries) == []


def test_what_happens_by_itself_uses_indexes(app: Flask, db: Database, ops_db: Database, world: Document) -> None:
    db["livestreams"].update_one({"_id": world["_id"]}, {"$set": {"currentViewers": 3}})
    with profiled(db, ops_db) as entries:
        watching.counted(world["_id"], {ObjectId(), world["hostId"]})
        watching.sweep()
        timeouts.look_after()
        settling.settle_forgotten()
        hosting.sign_of_life(world["_id"])
    assert len(entries) > 10
    assert faults(entries) == []


def test_of_several_running_streams_a_host_keeps_the_latest(
    app: Flask, db: Database, ops_db: Database, ada: Document
) -> None:
    (name,) = [each.name for each in migrations.discover() if each.name.partition("_")[2] == "live"]
    migration: Any = import_module(f"migrations.{name}")
    migration.downgrade(db, ops_db)
    older = [make_stream(db, ada, status=status) for status in ("live", "paused", "live")]
    db["livestreams"].update_many({}, {"$unset": {"aliveAt": "", "statusAt": ""}})
    for _ in range(2):
        migration.upgrade(db, ops_db)
    assert [stored(db, each)["status"] for each in older] == ["ended", "ended", "live"]
    assert stored(db, older[2])["aliveAt"] == stored(db, older[2])["statusAt"]
    with pytest.raises(DuplicateKeyError):
        make_stream(db, ada, status="starting")
