"""What administrators see of streams and do with them."""

from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.core.realtime import room_log
from tests.factories.live import make_stream, stored
from tests.factories.users import make_user
from tests.live.conftest import Document, code

PATH = "/api/livestreams/admin"


@pytest.mark.parametrize("name", ["_id", "streamId"])
def test_a_stream_is_named_by_either_id(
    as_admin: FlaskClient, db: Database, ops_db: Database, stream: Document, name: str
) -> None:
    text = str(stream[name])
    assert (
        as_admin.put(f"{PATH}/{text}/feature", json={"featured": True}).json["data"]["livestream"]["featured"] is True
    )
    ended = as_admin.post(f"{PATH}/{text}/end", json={"reason": "Against the rules"})
    assert ended.json["data"]["livestream"]["status"] == "ended"
    assert code(as_admin.post(f"{PATH}/{text}/end", json={})) == "live_wrong_state"
    (told,) = room_log.behind(f"live_{stream['_id']}", 0)
    assert (told.event, told.payload["reason"]) == ("stream:ended", "Against the rules")
    assert as_admin.delete(f"{PATH}/{text}").status_code == 200
    assert code(as_admin.delete(f"{PATH}/{text}")) == "live_not_found"
    actions = [entry["action"] for entry in ops_db["auditlog"].find(sort=[("_id", 1)])]
    assert actions == ["live.featured", "live.ended", "live.deleted"]


def test_a_stream_is_removed_with_all_that_was_in_it(as_admin: FlaskClient, db: Database, stream: Document) -> None:
    for name in ("livemessages", "liveparticipants", "liveshoppingsessions"):
        db[name].insert_one({"livestreamId": stream["_id"], "userId": ObjectId()})
    assert as_admin.delete(f"{PATH}/{stream['_id']}").status_code == 200
    for name in ("livestreams", "livemessages", "liveparticipants", "liveshoppingsessions"):
        assert db[name].count_documents({}) == 0, name


def test_what_gifts_refer_to_stays_as_a_bare_record(
    as_admin: FlaskClient, as_bob: FlaskClient, db: Database, stream: Document
) -> None:
    db["gifttransactions"].insert_one({"livestreamId": stream["_id"]})
    assert as_admin.delete(f"{PATH}/{stream['_id']}").status_code == 200
    kept = stored(db, stream)
    assert (kept["title"], kept["isPrivate"], kept["status"]) == ("Removed", True, "ended")
    assert code(as_bob.get(f"/api/live/{stream['_id']}")) == "live_not_found"


def test_streams_are_searched_and_counted(
    as_admin: FlaskClient, as_ada: FlaskClient, db: Database, ada: Document, stream: Document
) -> None:
    ended = make_stream(db, ada, status="ended", totalGiftsValue=30)
    make_stream(db, make_user(db), status="live", currentViewers=4, isFeatured=True, totalGiftsValue=12)
    make_stream(db, make_user(db), status="scheduled")

    def found(query: str) -> list[str]:
        return [each["_id"] for each in as_admin.get(f"{PATH}/all?{query}").json["data"]["streams"]]

    assert len(found("")) == 4
    assert found("search=ada") == [str(ended["_id"]), str(stream["_id"])]
    assert found(f"search={stream['streamId']}") == found(f"search={stream['_id']}") == [str(stream["_id"])]
    assert found("search=ada&status=ended") == [str(ended["_id"])]
    figures: dict[str, Any] = as_admin.get(f"{PATH}/stats").json["data"]
    assert figures == {
        "total": 4, "active": 2, "live": 2, "scheduled": 1, "ended": 1, "failed": 0, "featured": 1,
        "totalViewers": 4, "totalRevenue": 42,
    }  # fmt: skip
    assert as_ada.get(f"{PATH}/stats").status_code == 403


def test_administrators_end_anybodys_stream_in_the_app_too(
    app: Flask, as_admin: FlaskClient, ops_db: Database, stream: Document
) -> None:
    assert as_admin.post(f"/api/live/{stream['_id']}/end", json={}).status_code == 200
    assert ops_db["auditlog"].count_documents({"action": "live.ended"}) == 1
