"""Every query about people is found by an index, in the order that it is answered in."""

import pytest
from flask import Flask
from pymongo.database import Database

from tests.factories.auth import client_of
from tests.factories.users import make_follow, make_user
from tests.plans import faults, profiled

READS = [
    "/api/users",
    "/api/users?page=2&limit=2",
    "/api/users?role=seller",
    "/api/users?isVerified=true",
    "/api/users?role=seller&isVerified=true",
    "/api/users/search?q=person",
    "/api/users/search?q=person%20one",
    "/api/users/stats",
    "/api/users/me",
    "/api/users/blocked",
    "/api/users/{id}",
    "/api/users/{id}/followers",
    "/api/users/{id}/following",
]
WRITES = [("post", "follow"), ("delete", "follow"), ("post", "block"), ("post", "block")]


@pytest.fixture
def people(db: Database) -> list[dict]:
    """Some people who follow each other."""
    made = [make_user(db, role="seller" if n % 2 else "user", isVerified=n % 3 == 0) for n in range(12)]
    for other in made[1:]:
        make_follow(db, other, made[0])
        make_follow(db, made[0], other)
    db["blockedusers"].insert_one({"userId": made[0]["_id"], "blockedUserId": made[-1]["_id"]})
    return made


@pytest.mark.parametrize("path", READS)
def test_reads_use_indexes(app: Flask, db: Database, ops_db: Database, people: list[dict], path: str) -> None:
    client = client_of(app, people[1])
    with profiled(db, ops_db) as entries:
        answer = client.get(path.format(id=people[0]["_id"]))
        cursor = (answer.json["data"].get("pagination") or {}).get("nextCursor")
        if cursor:
            assert client.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}").status_code == 200
    assert answer.status_code == 200
    assert entries
    assert faults(entries) == []


def test_writes_use_indexes(app: Flask, db: Database, ops_db: Database, people: list[dict]) -> None:
    client = client_of(app, people[1])
    with profiled(db, ops_db) as entries:
        for method, name in WRITES:
            assert getattr(client, method)(f"/api/users/{people[2]['_id']}/{name}").status_code == 200
        assert client.put("/api/users/me", json={"bio": "new"}).status_code == 200
    assert len(entries) > 20
    assert faults(entries) == []


def test_the_check_itself_sees_a_scan_and_a_sort(db: Database, people: list[dict]) -> None:
    with profiled(db) as entries:
        list(db["users"].find({"bio": "x"}))
        list(db["users"].find({"email": {"$gt": ""}}).sort("fullName"))
    assert len(faults(entries)) == 2
