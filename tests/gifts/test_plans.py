"""Every query about gifts is found by an index, in the order that it is answered in."""

from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from mixillo.blueprints.gifts.models import GiftTransaction
from mixillo.blueprints.gifts.queries import rankings, totals
from tests.factories.auth import client_of
from tests.factories.gifts import make_gift, make_post, make_stream, send
from tests.factories.users import make_user
from tests.factories.wallets import give
from tests.plans import faults, profiled

User = dict[str, Any]
READS = [
    "?limit=2",
    "?limit=2&page=2",
    "?limit=2&category=standard",
    "?limit=2&rarity=common",
    "?limit=2&rarity=common&category=standard&minPrice=1&maxPrice=50",
    "/popular",
    "/seasonal",
    "/{gift}",
    "/leaderboard?timeframe=week",
    "/leaderboard?by=creators&timeframe=all",
    "/sent?limit=2",
    "/received?limit=2",
    "/transactions/{record}",
    "/inventory",
    "/stats",
]
OF_ADMINS = [
    "/admin/all?limit=2",
    "/admin/all?limit=2&category=standard",
    "/admin/all?limit=2&rarity=common",
    "/stats/overview",
]


@pytest.fixture
def record(app: Flask, db: Database, ada: User, bob: User) -> dict[str, Any]:
    """One of some gifts between some people, in an indexed collection."""
    db.drop_collection("gifttransactions")
    GiftTransaction.ensure_collection()
    db["gifttransactions"].create_indexes(list(GiftTransaction.INDEXES))
    gifts = [make_gift(db, 10, sortOrder=number) for number in range(8)]
    people = [make_user(db) for _ in range(5)]
    for person in people:
        give(person["_id"], 1_000)
        client = client_of(app, person)
        for gift in gifts:
            send(client, gift, bob["_id"])
    send(client_of(app, ada), gifts[0], people[0]["_id"])
    found: dict[str, Any] = db["gifttransactions"].find_one({"recipientId": bob["_id"]})
    db["users"].update_one({"_id": found["senderId"]}, {"$set": {"role": "admin"}})
    return found


def test_reads_use_indexes(app: Flask, db: Database, ops_db: Database, record: dict[str, Any]) -> None:
    client = client_of(app, db["users"].find_one({"_id": record["senderId"]}))
    for named in (*READS, *OF_ADMINS):
        path = f"/api/gifts{named.format(gift=record['giftId'], record=record['_id'])}"
        with profiled(db, ops_db) as entries:
            answer = client.get(path)
            cursor = (answer.json["data"].get("pagination") or {}).get("nextCursor")
            if cursor:
                assert client.get(f"{path}&cursor={cursor}").status_code == 200
        assert (answer.status_code, bool(entries), faults(_but_for_rankings(entries))) == (200, True, []), named


def _but_for_rankings(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the sort of sums, of which there is one for each person or gift: there is no index of sums."""
    return [entry | {"hasSortStage": False} if "$group" in str(entry.get("command")) else entry for entry in entries]


def test_rankings_and_totals_read_nothing_but_an_index(app: Flask, db: Database, record: dict[str, Any]) -> None:
    with profiled(db) as entries, app.app_context():
        rankings.leaderboard("senders", "week", 5)
        rankings.leaderboard("creators", "all", 5)
        rankings.senders_to(record["recipientId"], "month", 5)
        totals.given(record["senderId"])
        totals.received(record["recipientId"])
    sums = [entry for entry in entries if "$group" in str(entry.get("command"))]
    assert len(sums) == 5
    assert [entry["docsExamined"] for entry in sums] == [0] * 5
    begins = [entry["planSummary"].partition("{ ")[2].partition(",")[0] for entry in sums]
    assert begins == ["status: 1", "status: 1", "recipientId: 1", "senderId: 1", "recipientId: 1"]


@pytest.mark.parametrize("context", ["profile", "livestream", "video"])
def test_sending_uses_indexes(app: Flask, db: Database, ops_db: Database, record: dict[str, Any], context: str) -> None:
    creator = record["recipientId"]
    places = {
        "livestream": {"livestreamId": str(make_stream(db, creator))},
        "video": {"contentId": str(make_post(db, creator))},
    }
    client = client_of(app, db["users"].find_one({"_id": record["senderId"]}))
    with profiled(db, ops_db) as entries:
        more = places.get(context, {})
        assert send(client, {"_id": record["giftId"]}, creator, key="k", context=context, **more).status_code == 201
        assert (
            send(client, {"_id": record["giftId"]}, creator, quantity=100, context=context, **more).status_code == 409
        )
    assert len(entries) > 15
    assert faults(entries) == []


def test_administering_uses_indexes(app: Flask, db: Database, ops_db: Database, record: dict[str, Any]) -> None:
    client = client_of(app, make_user(db, role="admin"))
    unsent = make_gift(db)
    with profiled(db, ops_db) as entries:
        assert client.put(f"/api/gifts/{record['giftId']}", json={"coinPrice": 5}).status_code == 200
        for gift_id in (record["giftId"], unsent["_id"]):
            assert client.delete(f"/api/gifts/{gift_id}").status_code == 200
    assert faults(entries) == []
